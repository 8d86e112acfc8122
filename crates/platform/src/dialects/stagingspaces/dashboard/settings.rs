//! `/api/v1/settings/auto-topup`: the account's rule, in credits.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use latchkey_contract::{Amount, credits::TopUpRule, platforms::UpdateAccount};
use latchkey_store::AccountRow;
use serde_json::{Value, json};

use super::super::bodies::credits;
use crate::{
    credits::{AccountError, CREDITS, update_account},
    gateway::{Fields, MemberCall, Refusal},
};

/// What may be bought a month where no ceiling was ever set: so many times the amount.
const CEILING: i64 = 10;
/// How often a change is tried that others came before.
const TURNS: usize = 100;

/// `GET /api/v1/settings/auto-topup`
pub async fn read_auto_topup(call: MemberCall) -> Result<Response, Refusal> {
    Ok(told(&account(&call).await?.top_up))
}

/// `PUT /api/v1/settings/auto-topup`: what is left out stays. Ceiling and cool-down are the
/// console's; a ceiling below the amount is raised, for the rule would never buy.
pub async fn put_auto_topup(mut call: MemberCall) -> Result<Response, Refusal> {
    let body = call.object().await?;
    let fields = Fields::of_body(&body);
    for _ in 0..TURNS {
        let account = account(&call).await?;
        let request = UpdateAccount {
            top_up: Some(changed(account.top_up, &fields)?),
            ..UpdateAccount::default()
        };
        let (context, platform) = (call.context(), &call.manifest().slug);
        let (version, author) = (account.version, call.by.author());
        match update_account(context, call.partner(), platform, version, request, &author).await {
            Err(AccountError::Stale) => {}
            updated => return Ok(told(&updated?.top_up)),
        }
    }
    Err(Refusal::Unavailable { cause: "others kept changing the account".to_owned() })
}

/// The rule with what the body says.
fn changed(mut rule: TopUpRule, fields: &Fields<'_>) -> Result<TopUpRule, Refusal> {
    rule.enabled = fields.flag("enabled")?.unwrap_or(rule.enabled);
    rule.amount = amount(fields, "amount")?.unwrap_or(rule.amount);
    rule.threshold = amount(fields, "threshold")?.unwrap_or(rule.threshold);
    if rule.enabled && rule.amount == Amount::ZERO {
        return fields.wrong("amount", "must be above 0 where `enabled` is true");
    }
    if rule.monthly_ceiling < rule.amount {
        let ceiling = Amount(rule.amount.0.saturating_mul(CEILING));
        rule.monthly_ceiling = ceiling.min(*CREDITS.end());
    }
    Ok(rule)
}

async fn account(call: &MemberCall) -> Result<AccountRow, Refusal> {
    let account = call.context().store.get_account(call.partner(), &call.manifest().slug).await?;
    account.ok_or_else(|| Refusal::Internal { cause: "a member without an account".to_owned() })
}

/// Credits of a field: a number, with at most six digits after the point.
fn amount(fields: &Fields<'_>, name: &str) -> Result<Option<Amount>, Refusal> {
    let Some(value) = fields.get(name) else { return Ok(None) };
    let number = value.as_f64().filter(|number| (0.0..=1e9).contains(number));
    match number {
        Some(number) => Ok(Some(Amount((number * Amount::PER_CREDIT as f64).round() as i64))),
        None => fields.wrong(name, "must be a number of credits from 0 to 1000000000"),
    }
}

fn told(rule: &TopUpRule) -> Response {
    let TopUpRule { enabled, amount, threshold, .. } = *rule;
    let body: Value = json!({
        "enabled": enabled, "amount": credits(amount), "threshold": credits(threshold),
    });
    Json(body).into_response()
}

impl From<AccountError> for Refusal {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(faults) => Self::first_of(faults),
            AccountError::Store(error) => error.into(),
            error => Self::Unavailable { cause: error.to_string() },
        }
    }
}
