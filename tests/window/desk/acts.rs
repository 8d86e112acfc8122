//! What a person does in the window, act by act.

use serde_json::json;

use super::app::Desk;

pub const PARTNER: &str = "Nordhafen Media";
pub const EMAIL: &str = "ida@nordhafen.example";

impl Desk {
    /// Fills in and sends the form for a new account; answers the passphrase, which is generated
    /// and kept in the keychain unless there is one of the person's own.
    pub async fn sign_up(&self, own: Option<&str>) -> String {
        self.fill("Name", PARTNER).await;
        self.fill("Email", EMAIL).await;
        match own {
            Some(own) => self.fill("Passphrase", own).await,
            None => {
                self.press("button", "Generate").await;
                self.sees("Generated on this computer.").await;
            }
        }
        let passphrase = self.find("textbox", "Passphrase").await.prop("value").await.unwrap();
        self.press("button", "Create account").await;
        self.find("heading", "Overview").await;
        passphrase.unwrap()
    }

    /// Opens a screen by its entry in the sidebar.
    pub async fn open_screen(&self, name: &str) {
        self.press("link", &format!("{name}…")).await;
        self.find("heading", &format!("{name}…")).await;
    }

    pub async fn open_settings(&self) {
        self.open_from_menu("Settings").await;
    }

    /// Opens a screen by its entry in the account's menu.
    pub async fn open_from_menu(&self, name: &str) {
        self.press("button", &format!("{PARTNER}…")).await;
        self.press("menuitem", name).await;
        self.find("heading", name).await;
    }

    pub async fn sign_out(&self) {
        self.press("button", &format!("{PARTNER}…")).await;
        self.press("menuitem", "Sign out…").await;
        self.find("heading", "Sign in").await;
    }

    /// On the keys screen: creates a key and reveals it. The dialog stays open.
    pub async fn create_key(&self, platform: &str, environment: &str, name: &str) -> String {
        self.press("button", "Create key").await;
        self.press("radio", platform).await;
        self.press("button", environment).await;
        self.fill("Name", name).await;
        self.press("button", "Create key").await;
        self.find("heading", &format!("{name} is ready to use")).await;
        self.reveal_key().await
    }

    /// Reveals the key that was just made; of a pair, the secret one.
    pub async fn reveal_key(&self) -> String {
        self.press("button", "Reveal…").await;
        let shown = async || {
            let script = "return document.querySelector('[data-secret]')?.textContent ?? null";
            self.eval(script, json!([])).await.as_str().map(str::to_owned)
        };
        self.wait("the revealed key", shown).await
    }

    /// Closes a dialog by the button of this name.
    pub async fn leave_dialog(&self, button: &str) {
        self.press("button", button).await;
        self.dialog_is_gone().await;
    }

    /// Closes a dialog by its key.
    pub async fn leave_by_escape(&self) {
        self.strike(thirtyfour::Key::Escape).await;
        self.dialog_is_gone().await;
    }

    async fn dialog_is_gone(&self) {
        let script = "return document.querySelector('[role=dialog]') === null";
        let none = async || (self.eval(script, json!([])).await == json!(true)).then_some(());
        self.wait("the dialog's end", none).await;
    }

    /// The snippet in the open dialog, and the variable that it reads the key from.
    pub async fn snippet(&self, language: &str) -> (String, String) {
        self.press("tab", language).await;
        let region = self.find("region", &format!("Snippet for {language}")).await;
        let text = region.prop("textContent").await.unwrap().unwrap();
        let script = r"return document.querySelector('[role=dialog]').innerText
            .match(/reads the key from (\w+)/)[1]";
        let variable = self.eval(script, json!([])).await.as_str().unwrap().to_owned();
        (text, variable)
    }

    /// On the keys screen: opens a key's drawer.
    pub async fn open_key(&self, name: &str) {
        self.press("link", name).await;
        self.find("heading", name).await;
        self.find("button", "Close details").await;
    }

    /// On the webhooks screen: adds the endpoint of a platform and answers its signing secret.
    pub async fn add_endpoint(&self, platform: &str, url: &str) -> String {
        self.press("button", "Add endpoint").await;
        self.press("radio", platform).await;
        self.fill("Address", url).await;
        self.press("button", "Add endpoint").await;
        self.find("heading", "Endpoint added").await;
        self.reveal_signing_secret().await
    }

    /// The signing secret that is in reach.
    pub async fn reveal_signing_secret(&self) -> String {
        self.press("button", "Reveal signing secret").await;
        let shown = async || {
            let script = r"return [...document.querySelectorAll('code')]
                .map((code) => code.textContent.trim())
                .findLast((text) => /^whsec_[A-Za-z0-9+\/=_-]{20,}$/.test(text)) ?? null";
            self.eval(script, json!([])).await.as_str().map(str::to_owned)
        };
        self.wait("the revealed signing secret", shown).await
    }

    /// User names of the app's entries in the keychain.
    pub fn kept(&self) -> Vec<String> {
        let (_, attributes) = self.search_keychain();
        let name = |line: &str| line.strip_prefix("attribute.username = ").map(str::to_owned);
        attributes.lines().filter_map(name).collect()
    }

    /// The secrets of the app's entries in the keychain.
    pub fn kept_secrets(&self) -> Vec<String> {
        let (entries, _) = self.search_keychain();
        let secret = |line: &str| line.strip_prefix("secret = ").map(str::to_owned);
        entries.lines().filter_map(secret).collect()
    }

    /// What `secret-tool` writes: entries to stdout, their attributes to stderr.
    fn search_keychain(&self) -> (String, String) {
        let mut search = self.session.command("secret-tool");
        search.args(["search", "--all", "service", "dev.latchkey.console"]);
        let found = search.output().expect("secret-tool");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(found.stdout), text(found.stderr))
    }
}
