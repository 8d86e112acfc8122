//! Sample data: a partner that is made up, with a year of plausible use on every platform that has
//! a manifest, so that the console can be looked around in before there is any use of one's own.
//!
//! | file | what it makes up |
//! |---|---|
//! | `shape` | how much is called when |
//! | `keys` | keys, and the programs that call with them |
//! | `traffic` | their calls: one by one lately, as counts before |
//! | `money` | what those cost, and how it is paid |
//! | `hooks` | webhook endpoints and deliveries |
//! | `requests` | the log of single calls |
//! | `acts` | what was done, in the order of its times, with everybody's functions |
//!
//! Amounts and times come from numbers that are the same every time; keys, secrets and ids from the
//! server's randomness. Of a key its digest alone is kept, so none of them can be called with.

mod acts;
mod hooks;
mod keys;
mod money;
mod requests;
mod shape;
mod traffic;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Amount, PartnerId, SecretText, sessions::SessionTokens};
use latchkey_store::{
    Author, Caller, NewMember, NewPartner, SampleDelivery, SamplePartner, SampleState, SampleUse,
    StoreError,
};
use tokio::sync::Mutex;

use self::{
    acts::{Act, Step},
    keys::Keys,
    shape::{Levels, Year},
    traffic::Traffic,
};
use super::{CommandError, Done};
use crate::{
    Context,
    manifest::{Credits, Manifest},
    partners::new_account,
    pictures::Seed,
    sessions::{SessionError, open_session},
};

/// What it is called. The console marks it beside that.
const NAME: &str = "Sample Studio";
/// Who signs in for it; the name is reserved for examples (RFC 2606), so no mail ever goes there.
const EMAIL: &str = "sample@latchkey.example";
/// Where the member is said to be.
const ADDRESS: &str = "198.51.100.23";

/// Held while the sample is made or removed: nobody takes one that is half done for a broken one.
static BUSY: Mutex<()> = Mutex::const_new(());

/// Signs in as the member of the sample partner, which is made where there is none.
///
/// # Errors
/// What the store says.
pub async fn open(context: &Context) -> Result<SessionTokens, CommandError> {
    let SamplePartner { partner, member, .. } = ensure(context).await?;
    // Where it is used from, its first call tells.
    open_session(context, partner, member, Caller::default()).await.map_err(session_error)
}

/// Makes the sample partner, where there is none.
pub(super) async fn create(context: &Context) -> Result<Done, CommandError> {
    let partner = ensure(context).await?.partner;
    let message = format!("{} ({}) has sample data on all platforms", partner.name, partner.id);
    Ok(Done { partner_id: Some(partner.id), message })
}

/// Removes the sample partner with everything of it, and signs its member out.
pub(super) async fn remove(context: &Context) -> Result<Done, CommandError> {
    let _alone = BUSY.lock().await;
    let Some(sample) = context.store.get_sample_partner().await? else {
        return Ok(Done { partner_id: None, message: "there is no sample data".to_owned() });
    };
    delete(context, &sample.partner.id).await?;
    Ok(Done { partner_id: None, message: "removed the sample data".to_owned() })
}

async fn ensure(context: &Context) -> Result<SamplePartner, CommandError> {
    let _alone = BUSY.lock().await;
    match context.store.get_sample_partner().await? {
        Some(sample) if sample.state == SampleState::Ready => return Ok(sample),
        // It was broken off: begun anew.
        Some(sample) => delete(context, &sample.partner.id).await?,
        None => {}
    }
    fill(context).await?;
    let sample = context.store.get_sample_partner().await?;
    sample.ok_or_else(|| CommandError::Failed("the sample is gone again".to_owned()))
}

async fn delete(context: &Context, partner: &PartnerId) -> Result<(), CommandError> {
    // Calls with keys that its visitors made end here, and what they were counted as goes too.
    context
        .store
        .set_partner_suspension(partner, Some(context.clock.now()), context.clock.now())
        .await?;
    context.keys.forget_partner(partner);
    context.tallies.flush(&context.store);
    context.store.delete_sample_partner(partner).await?;
    context.keys.forget_partner(partner);
    Ok(())
}

fn session_error(error: SessionError) -> CommandError {
    match error {
        SessionError::Store(error) => error.into(),
        error => CommandError::Failed(error.to_string()),
    }
}

/// What is made up, and for whom.
struct Studio<'c> {
    context: &'c Context,
    partner: PartnerId,
    /// The member.
    author: Author,
    year: Year,
    dice: Seed,
}

impl Studio<'_> {
    /// In working hours, so many days ago.
    fn around(&mut self, days: i64) -> DateTime<Utc> {
        let (hour, minute) = (8 + self.dice.index(9), self.dice.index(60));
        self.year.days_ago(days, hour as u32, minute as u32)
    }

    fn noon(&self, days: i64) -> DateTime<Utc> {
        self.year.days_ago(days, 12, 0)
    }
}

/// One platform of the sample.
struct Scene {
    manifest: Arc<Manifest>,
    keys: Keys,
    traffic: Traffic,
}

async fn fill(context: &Context) -> Result<(), CommandError> {
    let year = Year::before(context.clock.now());
    let partner = create_partner(context, year).await?;
    let author = Author::member(EMAIL, Some(ADDRESS));
    let dice = Seed::of(&["sample studio"]);
    let mut studio = Studio { context, partner, author, year, dice };
    let levels = Levels::of(year);
    let mut steps = Vec::new();
    let mut scenes = Vec::new();
    let mut deliveries = Vec::new();
    for manifest in context.manifests.iter() {
        let (scene, told) = play(&mut studio, manifest, &levels, &mut steps).await?;
        scenes.push(scene);
        deliveries.extend(told);
    }
    acts::perform(&studio, steps).await?;
    let store = &context.store;
    let series = scenes
        .iter()
        .flat_map(|Scene { manifest, keys, traffic }| traffic.series(manifest, &keys.callers));
    store.add_sample_usage(&studio.partner, &series.collect::<Vec<_>>()).await?;
    for scene in &scenes {
        let (callers, traffic) = (&scene.keys.callers, &scene.traffic);
        let newest = requests::newest(&studio, &scene.manifest, callers, traffic);
        store.add_sample_requests(&studio.partner, &newest).await?;
        store.note_sample_uses(&studio.partner, &uses(scene)).await?;
    }
    store.sum_sample_hours(&studio.partner).await?;
    store.add_sample_deliveries(&studio.partner, &deliveries).await?;
    Ok(store.finish_sample(&studio.partner, year.now).await?)
}

/// The partner with its member and accounts, as of a year ago. Nobody knows the password: its
/// member is signed in by the operator alone.
async fn create_partner(context: &Context, year: Year) -> Result<PartnerId, CommandError> {
    let password = SecretText::new(hex::encode(context.entropy.bytes::<32>()));
    let hash = context.sessions.hash_password(&password, &context.entropy);
    let password_hash = hash.await.map_err(session_error)?;
    let id: PartnerId = context.entropy.id(year.start);
    let member =
        NewMember { id: context.entropy.id(year.start), email: EMAIL.to_owned(), password_hash };
    let mut accounts = Vec::new();
    for manifest in context.manifests.iter() {
        let mut account = new_account(context, &id, manifest)
            .map_err(|error| CommandError::Failed(error.to_string()))?;
        if let Some(endpoint) = &mut account.endpoint {
            endpoint.now = year.start;
        }
        accounts.push(account);
    }
    let new = NewPartner {
        id: id.clone(),
        name: NAME.to_owned(),
        member,
        accounts,
        author: Author::member(EMAIL, Some(ADDRESS)),
        now: year.start,
    };
    context.store.create_sample_partner(new).await.map_err(|error| match error {
        StoreError::EmailTaken => CommandError::EmailTaken(EMAIL.to_owned()),
        error => error.into(),
    })?;
    Ok(id)
}

/// Makes up one platform; what was done there is added to `steps`.
async fn play(
    studio: &mut Studio<'_>,
    manifest: &Arc<Manifest>,
    levels: &Levels,
    steps: &mut Vec<Step>,
) -> Result<(Scene, Vec<SampleDelivery>), CommandError> {
    let mut keys = keys::plan(studio, manifest);
    let traffic = traffic::of_year(manifest, &keys.callers, studio.year, levels);
    let account = studio.context.store.get_account(&studio.partner, &manifest.slug).await?;
    let welcome = account.map_or(Amount::ZERO, |account| account.balance);
    let first_key = manifest.first_key_grant.map_or(Amount::ZERO, Credits::amount);
    let opening =
        if keys.callers.is_empty() || manifest.pairs { welcome } else { welcome + first_key };
    if !manifest.live_from_start {
        let at = studio.year.start + TimeDelta::minutes(38);
        steps.push(Step { at, act: Act::EnableLive { platform: manifest.slug.clone() } });
    }
    steps.append(&mut keys.steps);
    steps.extend(money::plan(studio, manifest, &keys, &traffic, opening));
    let hooks = hooks::plan(studio, manifest, &keys.callers, levels).await?;
    steps.extend(hooks.steps);
    Ok((Scene { manifest: Arc::clone(manifest), keys, traffic }, hooks.deliveries))
}

/// First and last use of each key that was used.
fn uses(scene: &Scene) -> Vec<SampleUse> {
    let uses = scene.traffic.used.iter().filter_map(|(caller, (first_at, last_at))| {
        let caller = scene.keys.callers.get(*caller)?;
        Some(SampleUse {
            key_id: caller.key_id.clone(),
            first_at: *first_at,
            last_at: *last_at,
            address: caller.address.to_owned(),
            agent: caller.agent.to_owned(),
        })
    });
    uses.collect()
}
