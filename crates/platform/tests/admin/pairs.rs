//! Secret and public keys that are issued together.

use latchkey_client::IdempotencyKey;
use latchkey_contract::{
    Environment,
    keys::{KeyKind, KeyQuery, KeyStatus, UpdateKey},
};

use crate::support::{TestServer, new_key};

#[tokio::test]
async fn a_pair_is_issued_together_and_each_lives_for_itself() {
    let server = TestServer::start().await;
    let partner = server.sign_up("Northwind").await;
    let platforms = partner.client.list_platforms().await.unwrap().data;
    for platform in &platforms {
        let environment = Environment::Test;
        if !platform.environments.contains(&environment) {
            continue;
        }
        let request = new_key(&platform.slug, environment);
        let repeat = IdempotencyKey::random();
        let issued = partner.client.create_key(&request, &repeat).await.unwrap();
        assert_eq!(issued.paired.is_some(), platform.paired_keys, "{}", platform.slug);
        let Some(other) = issued.paired else { continue };
        let (first, second) = (&issued.key, &other.key);
        assert_eq!((first.kind, second.kind), (KeyKind::Secret, KeyKind::Public));
        assert_eq!(
            (first.pair_id.as_ref(), second.pair_id.as_ref()),
            (Some(&second.id), Some(&first.id))
        );
        assert_eq!((&first.name, first.environment), (&second.name, second.environment));
        for (key, secret) in [(first, &issued.secret), (second, &other.secret)] {
            let secret = secret.as_ref().unwrap().expose();
            assert!(secret.starts_with(&key.prefix) && secret.ends_with(&key.last4));
        }
        let again = partner.client.create_key(&request, &repeat).await.unwrap();
        assert!(again.secret.is_none() && again.paired.unwrap().secret.is_none());
        let query = KeyQuery { platform: Some(platform.slug.clone()), ..KeyQuery::default() };
        assert_eq!(partner.client.list_keys(&query).await.unwrap().data.len(), 2);

        let pause = UpdateKey { paused: Some(true), ..UpdateKey::default() };
        partner.client.update_key(&second.id, second.version, &pause).await.unwrap();
        assert_eq!(partner.client.get_key(&first.id).await.unwrap().status, KeyStatus::Active);
        partner.client.revoke_key(&first.id).await.unwrap();
        assert_eq!(partner.client.get_key(&second.id).await.unwrap().status, KeyStatus::Paused);
    }
    assert!(platforms.iter().any(|platform| platform.paired_keys));
}
