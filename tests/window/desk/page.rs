//! The page in the window: found, pressed and filled in by role and name.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use thirtyfour::{Key, TypingData, WebElement};

use super::app::{Desk, LIMIT};

const FIND: &str = include_str!("find.js");
/// Between two looks at a condition.
const PAUSE: Duration = Duration::from_millis(40);

/// Looks until there is something; panics after `limit`, saying what was waited for.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {limit:?} for {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

impl Desk {
    /// Like [`until`]; a wait that is in vain leaves a picture of the window.
    pub async fn wait<T>(&self, what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
        self.wait_for(what, LIMIT, look).await
    }

    async fn wait_for<T>(
        &self,
        what: &str,
        limit: Duration,
        mut look: impl AsyncFnMut() -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() > deadline {
                self.picture("failed").await;
                panic!("waited {limit:?} for {what}; target/screens/failed.png shows the window");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What a script in the page answers.
    pub async fn eval(&self, script: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        self.window().execute(script, arguments).await.expect(script).json().clone()
    }

    /// Waits for what a person would call `role` `name`; a name that ends in `…` may go on.
    pub async fn find(&self, role: &str, name: &str) -> WebElement {
        let what = format!("the {role} “{name}”");
        self.wait(&what, async || self.look_for(role, name).await).await
    }

    /// The element, if it is there now.
    pub async fn look_for(&self, role: &str, name: &str) -> Option<WebElement> {
        let found = self.window().execute(FIND, vec![json!(role), json!(name)]).await.ok()?;
        found.element().ok()
    }

    /// Waits until it is gone.
    pub async fn gone(&self, role: &str, name: &str) {
        let what = format!("the end of the {role} “{name}”");
        self.wait(&what, async || self.look_for(role, name).await.is_none().then_some(())).await;
    }

    /// Presses it, once it can be.
    pub async fn press(&self, role: &str, name: &str) {
        let what = format!("pressing the {role} “{name}”");
        self.wait(&what, async || {
            let element = self.look_for(role, name).await?;
            // What still moves would be missed.
            if !self.is_still().await {
                return None;
            }
            let off = element.attr("aria-disabled").await.ok()?;
            if off.as_deref() == Some("true") {
                return None;
            }
            // What is redrawn at this moment is looked for again.
            element.click().await.ok()
        })
        .await;
    }

    /// Types into the field of this name, in place of what stands there.
    pub async fn fill(&self, label: &str, text: &str) {
        self.fill_in("textbox", label, text).await;
    }

    /// The same where the field is more than one for text.
    pub async fn fill_in(&self, role: &str, label: &str, text: &str) {
        let field = self.find(role, label).await;
        field.click().await.unwrap();
        field.send_keys(Key::Control + "a").await.unwrap();
        field.send_keys(Key::Backspace).await.unwrap();
        field.send_keys(text).await.unwrap();
        let holds = async || {
            (field.prop("value").await.ok().flatten().as_deref() == Some(text)).then_some(())
        };
        self.wait(&format!("“{label}” to hold what was typed"), holds).await;
    }

    /// Waits until the app has answered everything the page asked.
    pub async fn answered(&self) {
        let script = "return window.openCalls === 0";
        let none = async || (self.eval(script, json!([])).await == json!(true)).then_some(());
        self.wait("the app's answers", none).await;
    }

    /// Turns a switch and waits until it stands as wanted, for good.
    pub async fn turn(&self, name: &str, on: bool) {
        self.press("switch", name).await;
        let wanted = on.to_string();
        let stands = async || {
            let found = self.look_for("switch", name).await?.attr("aria-checked").await.ok()?;
            (found.as_deref() == Some(&wanted)).then_some(())
        };
        // It shows the new state before the app has agreed.
        self.answered().await;
        self.wait(&format!("the switch “{name}” at {on}"), stands).await;
    }

    /// Waits until the page shows a text.
    pub async fn sees(&self, text: &str) {
        let what = format!("“{text}” on the page");
        self.wait(&what, async || self.text().await.contains(text).then_some(())).await;
    }

    /// Everything the page says, on one line.
    pub async fn text(&self) -> String {
        let text = self.eval("return document.body.innerText", json!([])).await;
        text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Strikes a key where the focus is.
    pub async fn strike(&self, key: impl Into<TypingData>) {
        let focus = self.window().active_element().await.unwrap();
        focus.send_keys(key).await.unwrap();
    }

    /// The cells of a table's row that begins with `first`, as they read.
    pub async fn row(&self, first: &str) -> Option<Vec<String>> {
        let script = r"return [...document.querySelectorAll('tr')]
            .map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, ' ').trim()))
            .find((cells) => (cells[0] ?? '').includes(arguments[0])) ?? null";
        serde_json::from_value(self.eval(script, json!([first])).await).ok()
    }

    /// Waits for a row to be as wanted.
    pub async fn row_where<T: Debug>(
        &self,
        first: &str,
        what: &str,
        limit: Duration,
        read: impl Fn(&[String]) -> Option<T>,
    ) -> T {
        let what = format!("the row “{first}” with {what}");
        self.wait_for(&what, limit, async || self.row(first).await.and_then(|row| read(&row))).await
    }
}
