//! Usage and the audit log, as a person reads them.

use super::app::Desk;

impl Desk {
    /// Reads what was called: as a whole, by key, by time zone, in numbers and in credits.
    pub async fn see_usage(&self, platform: &str) {
        self.open_screen("Usage").await;
        self.find("heading", "Requests").await;
        self.press("button", "Group: …").await;
        self.press("menuitemradio", "By key").await;
        self.find("heading", "By key").await;
        self.look_in("usage", &["light"]).await;
        self.press("button", "Table").await;
        self.find("region", "By key, table").await;
        self.look("usage-table").await;
        self.press("button", "Chart").await;
        self.press("button", "Time zone: …").await;
        self.fill("A city or a region", "vienna").await;
        self.glance("usage-zones").await;
        self.strike(thirtyfour::Key::Enter).await;
        self.find("button", "Time zone: Europe/Vienna").await;
        self.press("button", "Range: …").await;
        self.press("menuitemradio", "Days of your own").await;
        self.fill("First day", "2026-13-01").await;
        self.press("button", "Show these days").await;
        self.sees("Enter a day as year, month, day").await;
        self.glance("usage-days").await;
        self.leave_by_escape().await;
        self.press("button", "Credits").await;
        self.find("heading", &format!("{platform} credits")).await;
        self.look_in("usage-credits", &["light"]).await;
        self.press("button", "Requests").await;
        self.press("button", "Group: …").await;
        self.press("menuitemradio", "Not grouped").await;
    }

    /// Reads who did what.
    pub async fn see_the_audit_log(&self, action: &str) {
        self.open_screen("Audit log").await;
        self.sees("latchkey-platform audit verify").await;
        self.press("link", action).await;
        self.find("heading", action).await;
        self.find("button", "Copy hash").await;
        self.look("audit").await;
        self.press("button", "Close details").await;
    }
}
