//! What a card is ordered with: the body of `POST /v1/images`.

use latchkey_store::JobRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    gateway::{Fields, Refusal, fields::is_web_address},
    pictures::{Card, Rgb},
};

const POSITIONS: [&str; 12] =
    ["ST", "CF", "LW", "RW", "CAM", "CM", "CDM", "LM", "RM", "LB", "RB", "CB"];
const GOALKEEPER: &str = "GK";

/// A checked order, as it is kept with its job.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Where the caller reached this server; webhooks name the picture below it.
    pub origin: String,
    pub metadata: Option<Value>,
    name: String,
    position: String,
    number: u8,
    skill_level: u8,
    width: u32,
    height: u32,
    background_theme: Option<String>,
    primary_color: Option<String>,
    secondary_color: Option<String>,
}

impl Order {
    /// Checks every field. What is not of the documented form comes first; then whether the photo
    /// is one that would be fetched.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn read(body: &Map<String, Value>, origin: String) -> Result<Self, Refusal> {
        let body = Fields::of_body(body);
        body.required("type", body.choice("type", &["player_card"])?)?;
        let player = body.required("player", body.inner("player")?)?;
        let order = Self::read_player(&player, origin)?;
        let style = body.required("style", body.inner("style")?)?;
        let order = order.with_style(&style)?;
        let order = match body.inner("branding")? {
            Some(branding) => order.with_branding(&branding)?,
            None => order,
        };
        let metadata = body.inner("metadata")?.map(|m| Value::Object(m.object().clone()));
        check_source(&player)?;
        Ok(Self { metadata, ..order })
    }

    fn read_player(player: &Fields<'_>, origin: String) -> Result<Self, Refusal> {
        player.required("external_id", player.text_of("external_id", 0..=255)?)?;
        let name = player.required("name", player.text_of("name", 1..=100)?)?;
        let positions = [&POSITIONS[..], &[GOALKEEPER]].concat();
        let position = player.required("position", player.choice("position", &positions)?)?;
        let number = player.required("number", player.integer("number", 1..=99)?)?;
        let skill_level = player.required("skill_level", player.integer("skill_level", 1..=99)?)?;
        player.required("source_image_url", player.text("source_image_url")?)?;
        Ok(Self {
            origin,
            metadata: None,
            name: name.to_owned(),
            position: position.to_owned(),
            number: small(number),
            skill_level: small(skill_level),
            width: Card::DEFAULT_WIDTH,
            height: Card::DEFAULT_HEIGHT,
            background_theme: None,
            primary_color: None,
            secondary_color: None,
        })
    }

    fn with_style(self, style: &Fields<'_>) -> Result<Self, Refusal> {
        style.required("preset", style.choice("preset", &["pro_clubs_card"])?)?;
        let sides = Card::LEAST_SIDE..=Card::MOST_SIDE;
        Ok(Self {
            width: style.integer("width", sides.clone())?.unwrap_or(self.width),
            height: style.integer("height", sides)?.unwrap_or(self.height),
            background_theme: style.text("background_theme")?.map(str::to_owned),
            ..self
        })
    }

    fn with_branding(self, branding: &Fields<'_>) -> Result<Self, Refusal> {
        branding.url("club_badge_url")?;
        Ok(Self {
            primary_color: read_colour(branding, "primary_color")?,
            secondary_color: read_colour(branding, "secondary_color")?,
            ..self
        })
    }

    /// The order of a job; `None` if it is none of this platform's.
    pub fn of_job(job: &JobRow) -> Option<Self> {
        serde_json::from_str(&job.request).ok()
    }

    /// As it is kept with its job.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn card(self) -> Card {
        let colour = |text: Option<String>| text.as_deref().and_then(Rgb::from_hex);
        Card {
            name: self.name,
            position: self.position,
            number: self.number,
            rating: self.skill_level,
            primary: colour(self.primary_color).unwrap_or(Card::DEFAULT_PRIMARY),
            secondary: colour(self.secondary_color).unwrap_or(Card::DEFAULT_SECONDARY),
            theme: self.background_theme.unwrap_or_else(|| Card::DEFAULT_THEME.to_owned()),
            width: self.width,
            height: self.height,
        }
    }
}

fn read_colour(branding: &Fields<'_>, name: &str) -> Result<Option<String>, Refusal> {
    match branding.text(name)? {
        Some(text) if Rgb::from_hex(text).is_none() => {
            branding.wrong(name, "must be a colour written as #RRGGBB")
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// The photo must lie at an HTTPS address; it is not fetched by the built-in renderer.
fn check_source(player: &Fields<'_>) -> Result<(), Refusal> {
    let url = player.text("source_image_url")?.unwrap_or_default();
    if is_web_address(url) && url.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https:"))
    {
        return Ok(());
    }
    let problem = "must be an https:// URL of a photo";
    Err(Refusal::unprocessable(player.place("source_image_url"), problem))
}

/// A number that was checked to be at most 99.
fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
