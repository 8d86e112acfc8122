//! The desktop app.
#![cfg_attr(all(not(debug_assertions), windows), windows_subsystem = "windows")]

fn main() -> anyhow::Result<()> {
    latchkey_desktop::window::prepare_renderer();
    latchkey_desktop::run()
}
