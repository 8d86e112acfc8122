use latchkey_store::{NewAccount, StoreError};

use crate::common::{BLUE, RED, TestStore, after, new_endpoint, new_id, new_partner, now, partner};
use latchkey_contract::Amount;

#[tokio::test]
async fn a_partner_comes_with_member_accounts_credits_and_endpoints() {
    let store = TestStore::new().await;
    let mut new = new_partner("Ada@Example.com");
    new.accounts[1].endpoint = Some(new_endpoint(&new.id, BLUE));
    let created = store.create_partner(new).await.unwrap();
    assert_eq!(created.accounts.len(), 2);
    assert_eq!(
        created.accounts,
        store
            .list_accounts(&created.partner.id)
            .await
            .unwrap()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
    assert_eq!(created.accounts[0].balance, Amount::from_credits(100));
    assert_eq!(store.list_endpoints(&created.partner.id, Some(BLUE)).await.unwrap().len(), 1);
    assert_eq!(
        store.get_partner(&created.partner.id).await.unwrap(),
        Some(created.partner.clone())
    );
    let member = store.get_member(&created.partner.id, &created.member.id).await.unwrap().unwrap();
    assert_eq!(member.email, "Ada@Example.com");
    store.assert_balanced().await;
}

#[tokio::test]
async fn an_address_is_taken_once_without_case_and_nothing_is_left_behind() {
    let store = TestStore::new().await;
    partner(&store, "ada@example.com").await;
    let second = new_partner("ADA@example.com");
    let id = second.id.clone();
    assert!(matches!(store.create_partner(second).await, Err(StoreError::EmailTaken)));
    assert_eq!(store.get_partner(&id).await.unwrap(), None);
    assert!(store.list_accounts(&id).await.unwrap().is_empty());
    assert_eq!(store.list_partners().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_bad_welcome_creates_nothing() {
    let store = TestStore::new().await;
    let mut new = new_partner("ada@example.com");
    new.accounts[1].welcome = Some(Amount::ZERO);
    assert!(matches!(store.create_partner(new).await, Err(StoreError::AmountOutOfRange)));
    assert!(store.list_partners().await.unwrap().is_empty());
    assert_eq!(store.get_member_by_email("ada@example.com").await.unwrap(), None);
}

#[tokio::test]
async fn members_are_found_by_address_without_case() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let found = store.get_member_by_email(" ADA@EXAMPLE.COM ").await.unwrap().unwrap();
    assert_eq!(found, ada.member);
    assert_eq!(store.get_member_by_email("bob@example.com").await.unwrap(), None);
    assert_eq!(store.get_partner_by_email("ada@example.com").await.unwrap().unwrap().id, ada.id);
    assert_eq!(store.get_partner_by_email("bob@example.com").await.unwrap(), None);
    assert!(!format!("{found:?}").contains("argon2id"), "no hash in Debug");
}

#[tokio::test]
async fn a_member_belongs_to_one_partner() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    assert_eq!(store.get_member(&bob.id, &ada.member.id).await.unwrap(), None);
    assert!(!store.set_member_password(&bob.id, &ada.member.id, "other", now()).await.unwrap());
    assert!(store.set_member_password(&ada.id, &ada.member.id, "other", now()).await.unwrap());
    assert_eq!(
        store.get_member(&ada.id, &ada.member.id).await.unwrap().unwrap().password_hash,
        "other"
    );
}

#[tokio::test]
async fn suspension_keeps_its_first_time_until_it_ends() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    store.set_partner_suspension(&ada.id, Some(now()), now()).await.unwrap();
    let again =
        store.set_partner_suspension(&ada.id, Some(after(60)), after(60)).await.unwrap().unwrap();
    assert_eq!(again.suspended_at, Some(now()));
    assert_eq!(store.get_partner(&bob.id).await.unwrap().unwrap().suspended_at, None);
    let resumed = store.set_partner_suspension(&ada.id, None, after(90)).await.unwrap().unwrap();
    assert_eq!(resumed.suspended_at, None);
    assert_eq!(store.set_partner_suspension(&new_id(), None, now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_partner_is_renamed() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    assert_eq!(
        store.rename_partner(&ada.id, "Ada & Co", now()).await.unwrap().unwrap().name,
        "Ada & Co"
    );
    assert_eq!(store.rename_partner(&new_id(), "Nobody", now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_later_platform_adds_an_account_once() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let green = || NewAccount {
        platform: "green".to_owned(),
        live_enabled: false,
        welcome: Some(Amount(7)),
        endpoint: Some(new_endpoint(&ada.id, "green")),
    };
    assert!(store.add_account(&ada.id, green(), now()).await.unwrap());
    assert!(!store.add_account(&ada.id, green(), after(1)).await.unwrap());
    let account = store.get_account(&ada.id, "green").await.unwrap().unwrap();
    assert_eq!((account.balance, account.live_enabled), (Amount(7), false));
    assert_eq!(store.list_endpoints(&ada.id, Some("green")).await.unwrap().len(), 1);
    assert_eq!(store.list_endpoints(&ada.id, Some(RED)).await.unwrap().len(), 0);
}
