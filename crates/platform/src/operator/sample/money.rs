//! What the calls of one platform cost, and how that is paid: an account whose books agree.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use latchkey_contract::{Amount, credits::TopUpRule, usage::Outcome};
use latchkey_store::{AccountChange, KeyChange, SampleCharge, Wanted};

use super::{
    Studio,
    acts::{Act, Given, Step},
    keys::{Caller, Keys},
    shape::Pattern,
    traffic::Traffic,
};
use crate::{manifest::Manifest, pictures::Seed};

/// When the rule that buys was set; until then a member bought by hand.
const RULE_SET: i64 = 296;

/// What was agreed on for an account, by what it spends.
struct Terms {
    threshold: Amount,
    amount: Amount,
    made_good: Amount,
}

/// Charges and everything that pays for them. `opening` is what the account has from its first day.
pub(super) fn plan(
    studio: &mut Studio<'_>,
    manifest: &Manifest,
    keys: &Keys,
    traffic: &Traffic,
    opening: Amount,
) -> Vec<Step> {
    let busiest = traffic.busiest_day();
    let year = studio.year;
    let terms = Terms {
        threshold: nice(busiest + busiest / 2, manifest),
        amount: nice(busiest * 5, manifest),
        made_good: nice(busiest / 4, manifest),
    };
    let start = terms.threshold * 2;
    let at = year.start + TimeDelta::minutes(40);
    let grant = |amount| {
        Act::Grant(Given { platform: manifest.slug.clone(), amount, note: "Starting credits" })
    };
    if busiest == 0 {
        return vec![Step { at, act: grant(Amount::from_credits(1_000)) }];
    }
    let mut steps = agreed(studio, manifest, &terms);
    steps.push(Step { at, act: grant(start) });
    limit_nightly(studio, manifest, keys, traffic, &mut steps);
    let books = Books {
        platform: manifest.slug.clone(),
        rule_since: studio.around(RULE_SET) + TimeDelta::days(1),
        made_good_at: year.after_outage(),
        until: year.now,
        terms,
        balance: opening + start,
        owed: Amount::ZERO,
        steps,
    };
    books.pay(charges(studio, manifest, &keys.callers, traffic))
}

/// The credit line, the rule, and what the operator gave for the bad day.
fn agreed(studio: &mut Studio<'_>, manifest: &Manifest, terms: &Terms) -> Vec<Step> {
    let platform = || manifest.slug.clone();
    let rule = TopUpRule {
        enabled: true,
        threshold: terms.threshold,
        amount: terms.amount,
        monthly_ceiling: terms.amount * 20,
        cooldown_seconds: 3_600,
    };
    let change = AccountChange {
        low_balance: Some(Some(Amount(terms.threshold.0 / 2))),
        top_up: Some(rule),
        ..AccountChange::default()
    };
    let too_much = Wanted::Exactly(terms.amount * 100);
    let steps = [
        (
            studio.year.start + TimeDelta::minutes(42),
            Act::CreditLine { platform: platform(), amount: terms.amount * 6 },
        ),
        (studio.around(RULE_SET), Act::SetRule { platform: platform(), change }),
        (studio.around(92), Act::Purchase { platform: platform(), wanted: too_much }),
        (
            studio.year.after_outage(),
            Act::Adjust(Given {
                platform: platform(),
                amount: terms.made_good,
                note: "For the interruption",
            }),
        ),
    ];
    steps.into_iter().map(|(at, act)| Step { at, act }).collect()
}

/// The key of the small hours may spend twice what it did on its busiest day.
fn limit_nightly(
    studio: &mut Studio<'_>,
    manifest: &Manifest,
    keys: &Keys,
    traffic: &Traffic,
    steps: &mut Vec<Step>,
) {
    let nightly = keys.callers.iter().position(|caller| caller.pattern == Pattern::Night);
    let Some((index, caller)) = nightly.and_then(|at| Some((at, keys.callers.get(at)?))) else {
        return;
    };
    let of_it = traffic.days.iter().filter(|((_, caller), _)| *caller == index);
    if let Some(most) = of_it.map(|(_, spent)| *spent).max() {
        let limit = Some(Some(nice(most * 2, manifest)));
        let change = KeyChange { daily_limit: limit, ..KeyChange::default() };
        let act = Act::ChangeKey { id: caller.key_id.clone(), change };
        steps.push(Step { at: studio.around(19), act });
    }
}

/// What was charged, the oldest first.
fn charges(
    studio: &Studio<'_>,
    manifest: &Manifest,
    callers: &[Caller],
    traffic: &Traffic,
) -> Vec<SampleCharge> {
    let mut dice = Seed::of(&["sample charges", &manifest.slug]);
    let first = studio.year.start + TimeDelta::hours(2);
    let mut charges = Vec::new();
    let mut days: BTreeMap<DateTime<Utc>, i64> = BTreeMap::new();
    for ((day, _), spent) in &traffic.days {
        *days.entry(*day).or_default() += spent;
    }
    for (day, spent) in days {
        let held_at = (day + TimeDelta::minutes(23 * 60 + 50)).max(first);
        charges.push(SampleCharge {
            key_id: None,
            amount: Amount(spent),
            captured: true,
            name: format!("{}/{}/{}", studio.partner, manifest.slug, day.format("%F")),
            is_job: false,
            note: Some("All calls of the day".to_owned()),
            held_at,
            settled_at: held_at + TimeDelta::minutes(5),
        });
    }
    let paid = traffic.lately.iter().filter(|call| call.price > 0);
    for call in paid.filter(|call| call.outcome != Outcome::Refused) {
        let Some(caller) = callers.get(call.caller) else { continue };
        let took = TimeDelta::milliseconds(dice.range(2_400.0, 21_000.0) as i64);
        charges.push(SampleCharge {
            key_id: Some(caller.key_id.clone()),
            amount: Amount(call.price),
            captured: call.outcome == Outcome::Accepted,
            name: format!("job_{}", hex::encode(studio.context.entropy.bytes::<8>())),
            is_job: true,
            note: None,
            held_at: call.at,
            settled_at: (call.at + took).min(studio.year.now),
        });
    }
    charges.sort_by_key(|charge| charge.settled_at);
    charges
}

/// An account as it fares with each charge.
struct Books {
    platform: String,
    terms: Terms,
    rule_since: DateTime<Utc>,
    made_good_at: DateTime<Utc>,
    /// Nothing has happened later than that.
    until: DateTime<Utc>,
    balance: Amount,
    owed: Amount,
    steps: Vec<Step>,
}

impl Books {
    fn pay(mut self, charges: Vec<SampleCharge>) -> Vec<Step> {
        let mut made_good = false;
        let mut waiting = Vec::new();
        for charge in charges {
            let at = charge.settled_at;
            if !made_good && at > self.made_good_at {
                made_good = true;
                self.balance = self.balance + self.terms.made_good;
            }
            if charge.captured {
                self.balance = self.balance - charge.amount;
            }
            waiting.push(charge);
            if self.balance < self.terms.threshold {
                self.book(at, std::mem::take(&mut waiting));
                self.buy(at);
            }
        }
        if let Some(last) = waiting.last() {
            self.book(last.settled_at, waiting);
        }
        self.steps
    }

    fn book(&mut self, at: DateTime<Utc>, charges: Vec<SampleCharge>) {
        self.steps.push(Step { at, act: Act::Book { platform: self.platform.clone(), charges } });
    }

    /// By rule at once; by hand the next morning. Every third time what is owed is paid.
    fn buy(&mut self, below_since: DateTime<Utc>) {
        let amount = self.terms.amount;
        let (at, wanted) = match below_since > self.rule_since {
            true => (below_since + TimeDelta::milliseconds(600), Wanted::ByRule),
            false => (below_since + TimeDelta::minutes(9 * 60 + 12), Wanted::Exactly(amount)),
        };
        let (at, platform) = (at.min(self.until), self.platform.clone());
        self.steps.push(Step { at, act: Act::Purchase { platform, wanted } });
        self.balance = self.balance + amount;
        self.owed = self.owed + amount;
        let at = at + TimeDelta::hours(10);
        if self.owed >= amount * 3 && at <= self.until {
            let (platform, amount) = (self.platform.clone(), self.owed);
            self.steps.push(Step { at, act: Act::Payment { platform, amount } });
            self.owed = Amount::ZERO;
        }
    }
}

/// The next round amount in the platform's unit: 1, 2 or 5 with zeros behind.
pub(super) fn nice(millionths: i64, manifest: &Manifest) -> Amount {
    let mut step = Amount::PER_CREDIT / 10_i64.pow(u32::from(manifest.unit.decimals.min(1)));
    loop {
        for times in [1, 2, 5] {
            if step * times >= millionths {
                return Amount(step * times);
            }
        }
        step *= 10;
    }
}
