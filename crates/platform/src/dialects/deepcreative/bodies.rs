//! A prediction as answers and webhooks tell it.

use chrono::Duration;
use latchkey_contract::Amount;
use latchkey_store::{JobFailure, JobRow, JobState};
use serde::Serialize;
use serde_json::Value;

use super::{super::timestamp, order::Order};

/// A prediction: what is absent until it has ended is left out.
#[derive(Serialize)]
pub struct Prediction<'j> {
    job_id: &'j str,
    status: &'static str,
    model: &'j str,
    created_at: String,
    urls: Urls,
    #[serde(flatten)]
    end: Option<End<'j>>,
}

#[derive(Serialize)]
struct Urls {
    get: String,
    cancel: String,
}

#[derive(Serialize)]
struct End<'j> {
    completed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'j>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    /// Dollars.
    credits_used: String,
}

#[derive(Serialize)]
struct Failure<'j> {
    code: &'j str,
    message: &'j str,
}

#[derive(Serialize)]
struct Metrics {
    /// Seconds, to the millisecond.
    predict_time: f64,
}

impl<'j> Prediction<'j> {
    pub fn of(job: &'j JobRow, order: &'j Order) -> Self {
        let Order { base_url, model, .. } = order;
        let urls = Urls {
            get: format!("{base_url}/status/{}", job.id),
            cancel: format!("{base_url}/cancel/{}", job.id),
        };
        Self {
            job_id: &job.id,
            status: status(job.state),
            model,
            created_at: timestamp(job.created_at),
            urls,
            end: End::of(job, &order.origin),
        }
    }
}

impl<'j> End<'j> {
    fn of(job: &'j JobRow, origin: &str) -> Option<Self> {
        let completed_at = job.finished_at?;
        let paths = job.output.as_ref().and_then(Value::as_array);
        let output = paths.map(|paths| {
            paths.iter().filter_map(Value::as_str).map(|path| format!("{origin}{path}")).collect()
        });
        let error = job.failure.as_ref();
        let predict_time = job.started_at.filter(|_| output.is_some()).map(|started_at| {
            Duration::milliseconds((completed_at - started_at).num_milliseconds().max(0))
        });
        Some(Self {
            completed_at: timestamp(completed_at),
            output,
            error: error.map(|JobFailure { code, message }| Failure { code, message }),
            metrics: predict_time.map(|time| Metrics { predict_time: time.as_seconds_f64() }),
            credits_used: dollars(job.captured),
        })
    }
}

/// The platform's word for a state.
pub const fn status(state: JobState) -> &'static str {
    match state {
        JobState::Queued | JobState::Running => "processing",
        JobState::Succeeded => "succeeded",
        JobState::Failed => "failed",
        JobState::Canceled => "canceled",
    }
}

/// Dollars in decimal, with two digits after the point or as many as it takes.
pub fn dollars(amount: Amount) -> String {
    let text = amount.to_string();
    let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    match digits {
        0 => format!("{text}.00"),
        1 => format!("{text}0"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_have_cents() {
        for (millionths, told) in
            [(0, "0.00"), (120_000, "0.12"), (1_500_000, "1.50"), (4_000_001, "4.000001")]
        {
            assert_eq!(dollars(Amount(millionths)), told);
        }
    }
}
