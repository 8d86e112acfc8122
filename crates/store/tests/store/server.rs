use latchkey_contract::Amount;
use latchkey_store::{SealedSecret, ServerRow};

use crate::common::{TestStore, open};

#[tokio::test]
async fn the_server_remembers_its_key_and_its_welcome() {
    let TestStore { store, dir } = TestStore::new().await;
    let new = ServerRow { key_marker: None, welcome_grant: Amount::ZERO };
    assert_eq!(store.get_server().await.unwrap(), new);
    let marker = SealedSecret { ciphertext: vec![1, 2], nonce: vec![3] };
    store.set_key_marker(&marker).await.unwrap();
    store.set_welcome_grant(Amount(7)).await.unwrap();
    store.close().await;
    let known = ServerRow { key_marker: Some(marker), welcome_grant: Amount(7) };
    assert_eq!(open(&dir).await.get_server().await.unwrap(), known);
}
