//! Sample partners: marked, filled by nobody else's functions, and removed from every table there is.

use latchkey_contract::{Amount, PartnerId, PrefixedId};
use latchkey_store::{SampleCharge, SampleState, StoreError};
use rusqlite::{Connection, types::Value};

use crate::common::{BLUE, RED, TestStore, after, new_partner, now, partner};

/// Tables that no partner has rows in.
const NOBODYS: [&str; 2] = ["seaql_migrations", "server"];

async fn sample(store: &TestStore) -> PartnerId {
    store.create_sample_partner(new_partner("sample@example.com")).await.unwrap().partner.id
}

/// A column: its name, its type, whether it may be empty, and whether it is of the primary key.
struct Column {
    name: String,
    kind: String,
}

fn columns(raw: &Connection, table: &str) -> Vec<Column> {
    let mut found = raw.prepare(&format!("PRAGMA table_info({table})")).unwrap();
    let columns = found.query_map([], |row| Ok(Column { name: row.get(1)?, kind: row.get(2)? }));
    columns.unwrap().map(Result::unwrap).collect()
}

fn tables(raw: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut found = raw.prepare(sql).unwrap();
    let names: Vec<String> =
        found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    names.into_iter().filter(|name| !NOBODYS.contains(&name.as_str())).collect()
}

/// The condition that finds a partner's rows in a table; a table that has none yet must get one.
fn of(table: &str, columns: &[Column], partner: &str) -> String {
    if columns.iter().any(|column| column.name == "partner_id") {
        return format!("partner_id = '{partner}'");
    }
    match table {
        "partners" => format!("id = '{partner}'"),
        "used_refresh_tokens" => format!("session_id = 'session of {partner}'"),
        "admin_idempotency" => format!("scope = '{partner}'"),
        "idempotency" => format!("scope IN ('red/live/{partner}', 'red/live/key of {partner}')"),
        other => panic!("{other}: whose are its rows?"),
    }
}

/// Puts a row of the partner's into every table, whatever tables there are.
fn put_everywhere(raw: &Connection, partner: &str) {
    raw.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for table in tables(raw) {
        let columns = columns(raw, &table);
        let values: Vec<Value> =
            columns.iter().map(|column| value(&table, column, partner)).collect();
        let marks = vec!["?"; values.len()].join(", ");
        let sql = format!("INSERT OR IGNORE INTO {table} VALUES ({marks})");
        raw.execute(&sql, rusqlite::params_from_iter(values)).unwrap();
    }
    let of_key = "INSERT INTO idempotency SELECT 'red/live/key of ' || ?1, idempotency_key, \
                  payload_digest, job_id, expires_at FROM idempotency WHERE scope = 'red/live/' || ?1";
    raw.execute(of_key, [partner]).unwrap();
}

fn value(table: &str, column: &Column, partner: &str) -> Value {
    let text = |text: String| Value::Text(text);
    match (table, column.name.as_str()) {
        (_, "partner_id") | ("partners", "id") | ("admin_idempotency", "scope") => {
            text(partner.to_owned())
        }
        ("idempotency", "scope") => text(format!("red/live/{partner}")),
        ("sessions", "id") | ("used_refresh_tokens", "session_id") => {
            text(format!("session of {partner}"))
        }
        ("api_keys", "id") => text(format!("key of {partner}")),
        (_, "platform") => text(RED.to_owned()),
        (_, "environment") => text("live".to_owned()),
        _ if column.kind.to_lowercase().contains("int") => Value::Integer(7),
        _ if column.kind.to_lowercase().contains("blob") => {
            Value::Blob(format!("{table} of {partner}").into_bytes())
        }
        _ => text(format!("{table} of {partner}")),
    }
}

fn count(raw: &Connection, table: &str, partner: &str) -> i64 {
    let condition = of(table, &columns(raw, table), partner);
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE {condition}");
    raw.query_row(&sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn no_row_is_left_in_any_table_and_others_keep_theirs() {
    let store = TestStore::new().await;
    let (sample, other) = (sample(&store).await, partner(&store, "ada@example.com").await.id);
    let raw = store.raw();
    for partner in [&sample, &other] {
        put_everywhere(&raw, partner.as_str());
    }
    let others: Vec<_> =
        tables(&raw).iter().map(|table| count(&raw, table, other.as_str())).collect();
    for table in tables(&raw) {
        assert!(count(&raw, &table, sample.as_str()) > 0, "{table} was not filled");
    }

    assert!(store.delete_sample_partner(&sample).await.unwrap());

    for (table, kept) in tables(&raw).iter().zip(others) {
        assert_eq!(count(&raw, table, sample.as_str()), 0, "rows are left in {table}");
        assert_eq!(count(&raw, table, other.as_str()), kept, "another's rows went from {table}");
    }
    assert!(!store.delete_sample_partner(&sample).await.unwrap(), "it is gone");
    assert!(store.get_sample_partner().await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_but_a_sample_is_ever_removed_or_filled() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await.id;
    assert!(!store.delete_sample_partner(&ada).await.unwrap());
    assert!(store.get_partner(&ada).await.unwrap().is_some());
    let filled = [
        store.add_sample_usage(&ada, &[]).await,
        store.sum_sample_hours(&ada).await,
        store.book_sample_charges(&ada, RED, &[]).await,
        store.finish_sample(&ada, now()).await,
    ];
    assert!(filled.iter().all(|filled| matches!(filled, Err(StoreError::NotASample))));
    // Nor one that is whole.
    let sample = sample(&store).await;
    store.finish_sample(&sample, now()).await.unwrap();
    let found = store.get_sample_partner().await.unwrap().unwrap();
    assert_eq!((found.partner.id.clone(), found.state), (sample.clone(), SampleState::Ready));
    assert!(matches!(store.add_sample_usage(&sample, &[]).await, Err(StoreError::NotASample)));
}

#[tokio::test]
async fn what_is_booked_is_paid_for_or_nothing_is_booked() {
    let store = TestStore::new().await;
    let sample = sample(&store).await;
    let charge = |name: &str, credits: i64, captured: bool| SampleCharge {
        key_id: Some(crate::common::new_id()),
        amount: Amount::from_credits(credits),
        captured,
        name: name.to_owned(),
        is_job: true,
        note: None,
        held_at: after(1),
        settled_at: after(2),
    };
    let affordable = [charge("a", 40, true), charge("b", 90, false)];
    store.book_sample_charges(&sample, BLUE, &affordable).await.unwrap();
    let too_much = [charge("c", 61, true)];
    let refused = store.book_sample_charges(&sample, BLUE, &too_much).await;
    assert!(matches!(refused, Err(StoreError::AmountOutOfRange)));
    let account = store.get_account(&sample, BLUE).await.unwrap().unwrap();
    assert_eq!(account.balance, Amount::from_credits(60));
    assert_eq!(account.captured, Amount::from_credits(40));
    store.assert_balanced().await;
}
