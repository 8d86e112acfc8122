//! What the page may call: one file a domain. A command parses, calls and converts; what it calls
//! lives beside these files.
//!
//! To add one: write it, add it to [`commands`] and to `permissions/console.toml`, then export the
//! bindings (`cargo test -p latchkey bindings` says how).

pub mod app;
pub mod audit;
pub mod credits;
pub mod dashboards;
pub mod elsewhere;
pub mod keys;
pub mod local;
pub mod platforms;
pub mod sample;
pub mod session;
pub mod settings;
pub mod usage;
pub mod webhooks;

use std::sync::Arc;

use tauri::State;
use tauri_specta::{Commands, collect_commands};

use crate::{AppError, desktop::Desktop};

/// The app behind the window, as commands get it.
pub type App<'a> = State<'a, Arc<Desktop>>;
/// What a command answers.
pub type Answer<T> = Result<T, AppError>;

/// All commands.
#[must_use]
pub fn commands() -> Commands<tauri::Wry> {
    collect_commands![
        app::get_app,
        app::retry_server,
        app::unlock_keychain,
        app::open_url,
        app::copy_text,
        app::extend_clipboard,
        app::clear_clipboard,
        session::create_partner,
        session::generate_passphrase,
        session::create_session,
        session::saved_login,
        session::create_session_with_saved,
        session::end_session,
        sample::explore_sample,
        sample::remove_sample,
        session::get_me,
        session::update_me,
        session::list_sessions,
        session::end_other_session,
        platforms::list_platforms,
        platforms::update_account,
        keys::list_keys,
        keys::count_keys,
        keys::get_key,
        keys::create_key,
        keys::update_key,
        keys::rotate_key,
        keys::end_grace,
        keys::get_cut_over,
        keys::revoke_key,
        keys::key_custody,
        keys::copy_key,
        keys::reveal_key,
        keys::discard_key_secret,
        webhooks::list_webhook_endpoints,
        webhooks::create_webhook_endpoint,
        webhooks::update_webhook_endpoint,
        webhooks::delete_webhook_endpoint,
        webhooks::test_webhook_endpoint,
        webhooks::copy_webhook_secret,
        webhooks::reveal_webhook_secret,
        webhooks::rotate_webhook_secret,
        webhooks::create_replay,
        webhooks::list_replays,
        webhooks::cancel_replay,
        webhooks::list_deliveries,
        webhooks::get_delivery,
        webhooks::replay_delivery,
        usage::get_usage,
        usage::list_requests,
        usage::usage_chart,
        usage::usage_multiples,
        usage::sparklines,
        credits::get_credits,
        credits::list_credit_entries,
        credits::create_top_up,
        credits::list_top_ups,
        local::grant_credits,
        local::adjust_credits,
        local::set_credit_line,
        local::record_payment,
        local::set_live_mode,
        local::suspend_account,
        local::suspend_partner,
        elsewhere::recognise_key,
        elsewhere::list_key_connections,
        elsewhere::add_key_connection,
        elsewhere::check_key_connection,
        elsewhere::copy_key_connection,
        elsewhere::remove_key_connection,
        dashboards::list_dashboard_platforms,
        dashboards::list_dashboards,
        dashboards::add_dashboard,
        dashboards::renew_dashboard_token,
        dashboards::check_dashboard,
        dashboards::remove_dashboard,
        dashboards::list_dashboard_keys,
        dashboards::create_dashboard_key,
        dashboards::revoke_dashboard_key,
        dashboards::get_dashboard_webhook,
        dashboards::update_dashboard_webhook,
        dashboards::test_dashboard_webhook,
        dashboards::copy_dashboard_secret,
        dashboards::get_dashboard_usage,
        dashboards::get_dashboard_top_up,
        dashboards::update_dashboard_top_up,
        audit::list_audit_events,
        settings::get_settings,
        settings::update_settings,
    ]
}
