//! The one window.

use std::{env, path::Path};

use tauri::{
    App, AppHandle, Manager, Runtime, Theme, WebviewUrl, WebviewWindowBuilder,
    webview::{Color, PageLoadEvent},
};

use crate::{AUTOMATION, charts::ChartTheme, desktop::say, settings::ThemeChoice};

const LABEL: &str = "main";

/// Chooses how WebKitGTK renders, before GTK starts and only where nobody chose already: without
/// accelerated compositing it takes a quarter less memory and looks the same; with NVIDIA's driver
/// its DMABUF renderer leaves windows blank. A WebDriver takes no screenshots without compositing.
pub fn prepare_renderer() {
    if cfg!(target_os = "linux") {
        if env::var_os(AUTOMATION).is_none() {
            set_unless_set("WEBKIT_DISABLE_COMPOSITING_MODE");
        }
        if Path::new("/proc/driver/nvidia/version").exists() {
            set_unless_set("WEBKIT_DISABLE_DMABUF_RENDERER");
        }
    }
}

#[expect(unsafe_code, reason = "called first thing in main, while there is one thread")]
fn set_unless_set(name: &str) {
    if env::var_os(name).is_none() {
        // SAFETY: no other thread runs yet that could read the environment meanwhile.
        unsafe { env::set_var(name, "1") };
    }
}

/// Opens the window at once, filled with the theme's own colour until the page has painted.
///
/// # Errors
/// Where there is no display.
pub fn open(app: &App, theme: ThemeChoice) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Latchkey")
        .inner_size(1_280.0, 800.0)
        .min_inner_size(900.0, 600.0)
        .theme(chosen(theme))
        .background_color(canvas(chosen(theme)))
        .on_page_load(|_, load| {
            if load.event() == PageLoadEvent::Finished {
                say("latchkey: window ready");
            }
        })
        .build()?;
    #[cfg(target_os = "linux")]
    rest_caret();
    // Only the window knows what the system's theme is.
    window.set_background_color(Some(canvas(window.theme().ok())))
}

/// Lets the caret stand still: the engine would paint it twice a second for as long as a field has
/// the focus, which is most of what an idle window costs. (GTK itself stops after ten seconds.) It
/// blinks once an hour: told not to blink, WebKitGTK 2.50 looks at it sixty times a second instead.
#[cfg(target_os = "linux")]
fn rest_caret() {
    use gtk::prelude::GtkSettingsExt;
    const HOUR_MS: i32 = 3_600_000;
    if let Some(settings) = gtk::Settings::default() {
        settings.set_gtk_cursor_blink(true);
        settings.set_gtk_cursor_blink_time(HOUR_MS);
    }
}

/// Brings the window to the front.
pub fn focus<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

const fn chosen(theme: ThemeChoice) -> Option<Theme> {
    match theme {
        ThemeChoice::System => None,
        ThemeChoice::Light => Some(Theme::Light),
        ThemeChoice::Dark => Some(Theme::Dark),
    }
}

const fn canvas(theme: Option<Theme>) -> Color {
    let (red, green, blue) = match theme {
        Some(Theme::Dark) => ChartTheme::Dark.canvas(),
        _ => ChartTheme::Light.canvas(),
    };
    Color(red, green, blue, 255)
}
