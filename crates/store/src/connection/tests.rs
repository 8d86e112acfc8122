//! What only shows on the pool's own connections: a disk that was full.

use chrono::DateTime;
use latchkey_contract::{MemberId, PartnerId, PrefixedId};
use sea_orm::sqlx::{Row, query};

use super::*;
use crate::{Author, NewMember, NewPartner};

/// A partner whose name takes some pages.
fn partner(number: u128, email: &str, pages: usize) -> NewPartner {
    NewPartner {
        id: PartnerId::from_parts(0, number),
        name: "x".repeat(pages * 4096),
        member: NewMember {
            id: MemberId::from_parts(0, number),
            email: email.to_owned(),
            password_hash: "$argon2id$hash".to_owned(),
        },
        accounts: Vec::new(),
        author: Author::operator(),
        now: DateTime::UNIX_EPOCH,
    }
}

/// Lets every connection of the pool believe that so many pages more are all there is.
async fn limit_pages(store: &Store, more: i64) {
    let pool = store.db.get_sqlite_connection_pool();
    let mut held = Vec::new();
    for _ in 0..POOL_SIZE {
        let mut connection = pool.acquire().await.unwrap();
        let pages = query("PRAGMA page_count").fetch_one(&mut *connection).await.unwrap();
        let limit = format!("PRAGMA max_page_count = {}", pages.get::<i64, _>(0) + more);
        query(sea_orm::sqlx::AssertSqlSafe(limit)).fetch_one(&mut *connection).await.unwrap();
        held.push(connection);
    }
}

#[tokio::test]
async fn what_is_answered_after_a_full_disk_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig { data_dir: dir.path().to_path_buf() };
    let store = Store::open(&config).await.unwrap();
    store.create_partner(partner(0, "first@example.com", 1)).await.unwrap();
    limit_pages(&store, 20).await;
    for number in 1..=10 {
        let email = format!("full-{number}@example.com");
        let refused = store.create_partner(partner(number, &email, 40)).await;
        assert!(matches!(refused, Err(StoreError::DiskFull)), "{refused:?}");
    }
    limit_pages(&store, 1_000_000).await;
    for number in 11..=20 {
        let taken = store.create_partner(partner(number, "first@example.com", 1)).await;
        assert!(matches!(taken, Err(StoreError::EmailTaken)), "{taken:?}");
        let email = format!("after-{number}@example.com");
        store.create_partner(partner(100 + number, &email, 1)).await.unwrap();
    }
    let outside = rusqlite::Connection::open(dir.path().join("latchkey.db")).unwrap();
    let kept: i64 =
        outside.query_row("SELECT COUNT(*) FROM partners", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 11, "seen from outside: committed");
    store.close().await;
}
