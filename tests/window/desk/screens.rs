//! Usage, credits, the audit log and the operator's acts, as a person reads and uses them.

use super::app::{Desk, LIMIT};

impl Desk {
    /// Reads what was called: as a whole, by key, by time zone, in numbers and in credits.
    pub async fn see_usage(&self, platform: &str) {
        self.open_screen("Usage").await;
        self.find("heading", "Requests").await;
        self.press("button", "Group: …").await;
        self.press("menuitemradio", "By key").await;
        self.find("heading", "By key").await;
        self.look_in("usage", &["light"]).await;
        self.press("button", "Refused").await;
        // Until the others are gone, the first row may be one that goes.
        self.answered().await;
        self.sees("Missing scope").await;
        self.press("button", "Details of POST…").await;
        self.sees("missing_scope").await;
        self.look_in("usage-requests", &["light"]).await;
        self.press("button", "All").await;
        self.press("button", "Table").await;
        self.find("region", "By key, table").await;
        self.look("usage-table").await;
        self.press("button", "Chart").await;
        self.press("button", "Credits").await;
        self.find("heading", &format!("{platform} credits")).await;
        self.look_in("usage-credits", &["light"]).await;
        self.press("button", "Requests").await;
        self.press("button", "Group: …").await;
        self.press("menuitemradio", "Not grouped").await;
    }

    /// Reads why a balance is what it is, and tries to buy beyond the credit line.
    pub async fn see_credits(&self, platform: &str) {
        self.open_screen("Credits").await;
        self.row_where(platform, "a ledger that agrees", LIMIT, |row| {
            row.last().is_some_and(|cell| cell == "Agrees").then_some(())
        })
        .await;
        self.press("link", platform).await;
        self.find("heading", platform).await;
        self.sees("Agrees with the ledger, counted anew").await;
        self.look("credits").await;
        self.press("button", "Change the threshold of the warning").await;
        self.fill("Low below", "10").await;
        self.press("button", "Save").await;
        self.sees("10 credits").await;
        self.press("button", "Change rule").await;
        self.find("heading", "Top up by rule").await;
        self.glance("credits-rule").await;
        self.leave_by_escape().await;
        self.buy("50").await;
        self.sees("More would be owed than the credit line allows.").await;
        self.glance("credits-buy").await;
        self.leave_by_escape().await;
    }

    /// On the credits screen: buys so many; the dialog says where that is refused.
    pub async fn buy(&self, amount: &str) {
        self.press("button", "Buy credits").await;
        self.find("heading", "Buy credits").await;
        self.fill("Amount in credits", amount).await;
        self.press("button", "Buy on account").await;
    }

    /// As the operator: gives credits and lets some be bought.
    pub async fn operate(&self, platform: &str) {
        self.open_from_menu("Local platform").await;
        self.look("local").await;
        self.press("button", &format!("Grant credits on {platform}")).await;
        self.find("heading", "Grant credits").await;
        self.fill("Amount, in credits", "25").await;
        self.fill("Why", "For a good start").await;
        self.glance("local-grant").await;
        self.leave_dialog("Grant credits").await;
        self.act_on(platform, "Set credit line…").await;
        self.fill("May owe at most, in credits", "100").await;
        self.leave_dialog("Set credit line").await;
        self.open_screen("Credits").await;
        self.sees("For a good start").await;
        self.press("link", platform).await;
        self.buy("50").await;
        self.sees("50 credits owed afterwards.").await;
    }

    /// As the operator: suspends an account, or resumes it.
    pub async fn suspend(&self, platform: &str, suspended: bool) {
        self.open_from_menu("Local platform").await;
        if !suspended {
            return self.act_on(platform, "Resume account…").await;
        }
        self.act_on(platform, "Suspend account…").await;
        self.find("heading", &format!("Suspend the account on {platform}?")).await;
        self.glance("local-suspend").await;
        self.leave_dialog("Suspend account").await;
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

    async fn act_on(&self, platform: &str, act: &str) {
        self.press("button", &format!("More acts for {platform}")).await;
        self.press("menuitem", act).await;
    }
}
