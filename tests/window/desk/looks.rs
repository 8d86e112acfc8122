//! How the window looks and whether everyone can use it: pictures and axe-core.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::app::Desk;

/// The window's usual size, and its smallest.
const SIZES: [(&str, u32, u32); 2] = [("", 1_280, 800), ("-small", 900, 600)];

impl Desk {
    /// Looks at what is shown: light and dark, at both sizes; nothing may keep anyone out.
    pub async fn look(&self, name: &str) {
        self.look_in(name, &["light", "dark"]).await;
    }

    /// The same in these themes: charts are drawn by the app, in the theme that was chosen there.
    pub async fn look_in(&self, name: &str, themes: &[&str]) {
        for (suffix, width, height) in SIZES {
            self.resize(width, height).await;
            for theme in themes {
                self.dress(theme).await;
                self.settle().await;
                self.picture(&format!("{name}{suffix}-{theme}")).await;
                if suffix.is_empty() {
                    self.audit(&format!("{name}, {theme}")).await;
                }
            }
        }
        self.dress(themes[0]).await;
        self.resize(SIZES[0].1, SIZES[0].2).await;
    }

    /// Looks at a small dialog, once.
    pub async fn glance(&self, name: &str) {
        self.settle().await;
        self.picture(name).await;
        self.audit(name).await;
    }

    /// Writes what the window shows to `target/screens`; a revealed secret as dots, since a
    /// picture is a file.
    pub async fn picture(&self, name: &str) {
        self.cover_secrets("disc").await;
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
        fs::create_dir_all(&folder).unwrap();
        self.window().screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
        self.cover_secrets("none").await;
    }

    async fn cover_secrets(&self, dots: &str) {
        let script = "for (const secret of document.querySelectorAll('[data-secret]')) \
            secret.style.webkitTextSecurity = arguments[0]";
        self.eval(script, json!([dots])).await;
    }

    /// Runs axe-core on what is shown.
    pub async fn audit(&self, what: &str) {
        if self.eval("return typeof axe", json!([])).await == json!("undefined") {
            let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/node_modules/axe-core/axe.min.js");
            let source = fs::read_to_string(axe).expect("axe-core; run `npm ci` in ui/");
            self.eval(&source, json!([])).await;
        }
        let script = r"const done = arguments[0];
            axe.run({ resultTypes: ['violations'] }).then(
                ({ violations }) => done(violations.map(({ id, help, nodes }) =>
                    `${id}: ${help}: ` + nodes.map(({ html, failureSummary }) =>
                        `${html} ${failureSummary}`).join('; '))),
                (error) => done([String(error)]));";
        let found = self.window().execute_async(script, Vec::new()).await.expect("axe-core runs");
        let found: Vec<String> = found.convert().unwrap();
        assert!(found.is_empty(), "axe-core on {what}: {found:#?}");
    }

    /// Waits until nothing moves and nothing is being fetched.
    pub async fn settle(&self) {
        // A chart is drawn anew, by the app, when its place has another width.
        let script = r"return window.openCalls === 0 && !document.querySelector('[aria-busy=true]')
            && [...document.querySelectorAll('.plot')].every((plot) => {
                const drawn = plot.querySelector('svg')?.getBoundingClientRect().width ?? 0;
                return Math.abs(drawn - plot.clientWidth) < 2;
            })";
        self.wait("a still window", async || {
            let drawn = self.eval(script, json!([])).await == json!(true);
            (drawn && self.is_still().await).then_some(())
        })
        .await;
    }

    /// Whether nothing moves but what turns for ever.
    pub async fn is_still(&self) -> bool {
        let script = r"return document.getAnimations().every(({ playState, effect }) =>
            playState !== 'running' || effect?.getTiming().iterations === Infinity)";
        self.eval(script, json!([])).await == json!(true)
    }

    async fn resize(&self, width: u32, height: u32) {
        self.window().set_window_rect(0, 0, width, height).await.unwrap();
        let inner = async || {
            let size = self.eval("return [innerWidth, innerHeight]", json!([])).await;
            (size == json!([width, height])).then_some(())
        };
        self.wait(&format!("a window of {width} × {height}"), inner).await;
    }

    /// The theme's colours, without asking the app to remember them.
    async fn dress(&self, theme: &str) -> Value {
        self.eval("document.documentElement.dataset.theme = arguments[0]", json!([theme])).await
    }
}
