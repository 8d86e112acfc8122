use crate::common::{BLUE, RED, TestStore, after, new_id, now, operator, partner};

#[tokio::test]
async fn accounts_belong_to_one_partner() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let accounts = store.list_accounts(&ada.id).await.unwrap();
    assert_eq!(
        accounts.iter().map(|account| account.platform.as_str()).collect::<Vec<_>>(),
        [BLUE, RED]
    );
    assert!(accounts.iter().all(|account| account.partner_id == ada.id));
    assert_eq!(store.get_account(&ada.id, "green").await.unwrap(), None);
    assert_eq!(store.get_account(&new_id(), RED).await.unwrap(), None);
    assert!(store.list_accounts(&new_id()).await.unwrap().is_empty());
}

#[tokio::test]
async fn live_mode_goes_on_and_off_for_one_account() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    let bob = partner(&store, "bob@example.com").await;
    assert!(
        !store
            .set_account_live(&ada.id, RED, None, (&operator(), now()))
            .await
            .unwrap()
            .unwrap()
            .live_enabled
    );
    assert!(store.get_account(&ada.id, BLUE).await.unwrap().unwrap().live_enabled);
    assert!(store.get_account(&bob.id, RED).await.unwrap().unwrap().live_enabled);
    assert!(
        store
            .set_account_live(&ada.id, RED, Some(now()), (&operator(), now()))
            .await
            .unwrap()
            .unwrap()
            .live_enabled
    );
    assert_eq!(
        store.set_account_live(&ada.id, "green", Some(now()), (&operator(), now())).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn an_account_is_suspended_and_resumed() {
    let store = TestStore::new().await;
    let ada = partner(&store, "ada@example.com").await;
    store.set_account_suspension(&ada.id, RED, Some(now()), (&operator(), now())).await.unwrap();
    let again = store
        .set_account_suspension(&ada.id, RED, Some(after(9)), (&operator(), now()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.suspended_at, Some(now()));
    assert_eq!(
        store
            .set_account_suspension(&ada.id, RED, None, (&operator(), now()))
            .await
            .unwrap()
            .unwrap()
            .suspended_at,
        None
    );
}
