//! Use of the keyed APIs, as numbers and as pictures.

use latchkey_client::Client;
use latchkey_contract::{
    Environment, Page,
    usage::{RequestQuery, RequestRecord, Usage, UsageQuery},
};

use super::{Answer, App};
use crate::{
    AppError,
    charts::{
        Chart, ChartSize, Measure,
        multiples::{self, Multiple},
        svg::DrawError,
        usage::{self as drawing, Sparkline},
    },
    error::Fault,
};

/// Use in numbers.
#[tauri::command]
#[specta::specta]
pub async fn get_usage(app: App<'_>, query: UsageQuery) -> Answer<Usage> {
    let query = &query;
    let call = |client: Client| async move { client.get_usage(query).await };
    app.connection.call(call).await
}

/// Single calls of late, the newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_requests(app: App<'_>, query: RequestQuery) -> Answer<Page<RequestRecord>> {
    let query = &query;
    let call = |client: Client| async move { client.list_requests(query).await };
    app.connection.call(call).await
}

/// Use as a line chart: live and test on the same axes, unless the query asks for one of them.
#[tauri::command]
#[specta::specta]
pub async fn usage_chart(
    app: App<'_>,
    query: UsageQuery,
    size: ChartSize,
    measure: Measure,
) -> Answer<Chart> {
    let shown = shown(&query);
    let now = app.clock.now();
    let usage = get_usage(app, query).await?;
    drawing::usage_chart(&usage, measure, &shown, size, now).map_err(not_drawn)
}

/// Use as small charts, one a group of the query, all with the same y axis.
#[tauri::command]
#[specta::specta]
pub async fn usage_multiples(
    app: App<'_>,
    query: UsageQuery,
    size: ChartSize,
    measure: Measure,
) -> Answer<Vec<Multiple>> {
    let shown = shown(&query);
    let now = app.clock.now();
    let usage = get_usage(app, query).await?;
    multiples::multiples(&usage, measure, &shown, size, now).map_err(not_drawn)
}

/// Requests as sparklines, one a group of the query.
#[tauri::command]
#[specta::specta]
pub async fn sparklines(
    app: App<'_>,
    query: UsageQuery,
    size: ChartSize,
) -> Answer<Vec<Sparkline>> {
    let now = app.clock.now();
    let usage = get_usage(app, query).await?;
    drawing::sparklines(&usage, size, now).map_err(not_drawn)
}

/// The lines that are there even if nothing happened.
fn shown(query: &UsageQuery) -> Vec<Environment> {
    query.environment.map_or(vec![Environment::Live, Environment::Test], |only| vec![only])
}

fn not_drawn(error: DrawError) -> AppError {
    tracing::error!(%error);
    Fault::Internal.into()
}
