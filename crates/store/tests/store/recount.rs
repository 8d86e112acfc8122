//! The balance counted anew, on ledgers that are long.

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Amount, credits::CreditSummary};
use rusqlite::params;

use crate::common::{Known, RED, TestStore, accept, after, charge, now, partner};

const LONG: i64 = 25_000;

/// Holds of the past, one a second, that the books know of.
fn hold_many(store: &TestStore, ada: &Known) {
    let raw = store.raw();
    raw.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3) \
         INSERT INTO ledger (operation_key, partner_id, platform, kind, amount, settled, job_id, at) \
         SELECT 'hold:old-' || i, ?1, ?2, 'hold', -1, 0, 'old-' || i, ?4 - i * 1000000 FROM n",
        params![ada.id.to_string(), RED, LONG, now().timestamp_micros()],
    )
    .unwrap();
    raw.execute(
        "UPDATE accounts SET balance = balance - ?3, held = held + ?3 \
         WHERE partner_id = ?1 AND platform = ?2",
        params![ada.id.to_string(), RED, LONG],
    )
    .unwrap();
}

async fn red(store: &TestStore, ada: &Known, at: DateTime<Utc>) -> CreditSummary {
    let summaries = store.credit_summaries(&ada.id, None, at).await.unwrap();
    summaries.into_iter().find(|line| line.platform == RED).unwrap()
}

#[tokio::test]
async fn a_long_ledger_goes_on_from_its_sums_and_is_read_whole_where_they_are_wrong() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    hold_many(&store, &ada);
    let line = red(&store, &ada, after(3600)).await;
    assert!(line.agrees && line.held == Amount(LONG), "{line:?}");

    // What comes after is added; what was written late is found all the same.
    let mut late = charge(&ada, "late", Amount(5));
    let mut next = charge(&ada, "next", Amount(7));
    next.now = after(3601);
    accept(&store, next).await;
    let line = red(&store, &ada, after(3602)).await;
    assert!(line.agrees && line.held == Amount(LONG + 7), "{line:?}");
    late.now = after(1);
    accept(&store, late).await;
    let line = red(&store, &ada, after(3603)).await;
    assert!(line.agrees && line.held == Amount(LONG + 12), "{line:?}");

    let changed = "UPDATE ledger SET amount = -3 WHERE operation_key = 'hold:old-7'";
    assert_eq!(store.raw().execute(changed, []).unwrap(), 1);
    let line = red(&store, &ada, after(3603) + TimeDelta::minutes(11)).await;
    assert!(!line.agrees, "{line:?}");
    assert_eq!(line.balance - line.recomputed, Amount(2));
}

#[tokio::test]
async fn a_short_ledger_that_was_changed_is_told_at_once() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    accept(&store, charge(&ada, "job", Amount(9))).await;
    assert!(red(&store, &ada, after(1)).await.agrees);
    store.raw().execute("DELETE FROM ledger WHERE operation_key = 'hold:job'", []).unwrap();
    let line = red(&store, &ada, after(1)).await;
    assert_eq!((line.agrees, line.recomputed - line.balance), (false, Amount(9)));
}

#[tokio::test]
async fn recounts_and_pages_read_their_index() {
    let store = TestStore::new().await;
    let plan = |sql: &str| -> String {
        let raw = store.raw();
        let mut explained = raw.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = explained.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    let of = "FROM ledger WHERE partner_id = 'p' AND platform = 'red'";
    let sums = plan(&format!(
        "SELECT SUM(amount), SUM(CASE WHEN kind = 'hold' THEN -amount ELSE -settled END) {of} AND at > 5"
    ));
    assert!(sums.contains("COVERING INDEX ledger_account"), "{sums}");
    let order = "ORDER BY at DESC, operation_key DESC LIMIT 51";
    let page =
        plan(&format!("SELECT * {of} AND at <= 9 AND (at < 9 OR operation_key < 'k') {order}"));
    assert!(page.contains("INDEX ledger_account") && page.contains("at<"), "{page}");
    let booked = plan(&format!("SELECT * {of} AND kind = 'grant' AND job_id IS NULL {order}"));
    assert!(booked.contains("INDEX ledger_booked"), "{booked}");
    let released = plan(&format!("SELECT * {of} AND kind = 'release' AND at <= 9 {order}"));
    assert!(released.contains("INDEX ledger_released"), "{released}");
    for plan in [sums, page, booked, released] {
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
