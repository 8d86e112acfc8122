//! IP entries of an account and mode.

use latchkey_contract::{
    Environment,
    platforms::{IpEntry, UpdateAccount},
};
use latchkey_platform::credits::{AccountError, update_account};
use latchkey_store::Author;

use super::{
    super::house::{House, LIVE, TEST},
    PLATFORM, assert_refused, get,
};

fn entry(environment: Environment, rule: &str, active: bool) -> IpEntry {
    IpEntry { environment, rule: rule.to_owned(), active, note: "office".to_owned() }
}

async fn set(house: &House, platform: &str, entries: Vec<IpEntry>) -> Result<usize, AccountError> {
    let (context, partner) = (house.context(), &house.partner);
    let author = Author::member("one@example.com", None);
    let before = context.store.get_account(partner, platform).await?.unwrap();
    let change = UpdateAccount { ip_entries: Some(entries), ..UpdateAccount::default() };
    let row = update_account(context, partner, platform, before.version, change, &author).await?;
    Ok(row.ip_entries.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_entry_shuts_out_every_other_address_of_its_mode() {
    let house = House::with(0, 0).await;
    house.enable_live(&house.partner, PLATFORM).await;
    let (test, public) = (house.key(PLATFORM, TEST).await, house.public_key(PLATFORM, TEST).await);
    let live = house.key(PLATFORM, LIVE).await;
    let neighbour = house.key("clipia", TEST).await;
    for (entries, let_in) in [
        (vec![], true),
        (vec![entry(TEST, "203.0.113.0/24", false)], true),
        (vec![entry(TEST, "203.0.113.0/24", true)], false),
        (vec![entry(TEST, "2001:db8::/32", true)], false),
        (vec![entry(TEST, "203.0.113.7", true), entry(TEST, "127.0.0.1", false)], false),
        (vec![entry(TEST, "203.0.113.7", true), entry(TEST, "127.0.0.0/8", true)], true),
        (vec![entry(TEST, "::ffff:127.0.0.1", true)], true),
        (vec![entry(LIVE, "127.0.0.1", true)], true),
    ] {
        let count = entries.len();
        assert_eq!(set(&house, PLATFORM, entries.clone()).await.unwrap(), count);
        for key in [&test, &public] {
            let answer = get(&house, key, "/plans").await;
            match let_in {
                true => assert_eq!(answer.status, 200, "{entries:?}"),
                false => assert_refused(&answer, 403, "ip_restricted"),
            }
        }
        assert_eq!(get(&house, &live, "/plans").await.status, 200, "the other mode");
        let models = house.request(reqwest::Method::GET, "/clipia/v1/models");
        let models = models.bearer_auth(&neighbour.plain).send().await.unwrap();
        assert_eq!(models.status(), 200, "the other platform");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_entries_are_pointed_at_and_change_nothing() {
    let house = House::with(0, 0).await;
    let good = || entry(TEST, "127.0.0.1", true);
    set(&house, PLATFORM, vec![good()]).await.unwrap();
    for (platform, entries, at) in [
        ("clipia", vec![good()], "/ip_entries"),
        (PLATFORM, vec![good(), entry(TEST, "home", true)], "/ip_entries/1/rule"),
        (PLATFORM, vec![good(), good()], "/ip_entries/1/rule"),
        (PLATFORM, vec![IpEntry { note: "n".repeat(101), ..good() }], "/ip_entries/0/note"),
        (PLATFORM, vec![good(); 101], "/ip_entries"),
    ] {
        let refused = set(&house, platform, entries).await.unwrap_err();
        let AccountError::Invalid(faults) = refused else { panic!("{refused:?}") };
        assert_eq!(faults[0].pointer, at);
    }
    let account = house.context().store.get_account(&house.partner, PLATFORM).await.unwrap();
    assert_eq!(account.unwrap().ip_entries, [good()]);
}
