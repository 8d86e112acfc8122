//! The bundled fonts: a company's server may have none of its own, and a picture must not depend on the machine.
//!
//! Display and label faces are Latin (display also Greek and Cyrillic); DejaVu covers what they lack: Arabic, Hebrew, Armenian,
//! Georgian, symbols and many emoji. Licences lie beside the files. Characters no face has (CJK, most emoji) are left out.

use std::sync::Arc;

use resvg::usvg::{self, FontResolver, fontdb};

use super::raster;
use super::svg::{Anchor, Svg, TextLine};

const DISPLAY: &[u8] = include_bytes!("fonts/SofiaSansExtraCondensed_900Black.ttf");
const LABEL: &[u8] = include_bytes!("fonts/BarlowCondensed_600SemiBold.ttf");
const WIDE_COVERAGE: &[u8] = include_bytes!("fonts/DejaVuSansCondensed-Bold.ttf");

/// The size text is measured at; widths scale from it.
const MEASURED_AT: f32 = 100.0;

/// Height of capitals of the display face, as a share of its size.
pub const CAP_HEIGHT: f32 = 0.655;

/// The two voices of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typeface {
    /// Heavy and condensed: names and numbers.
    Display,
    /// Quiet: captions.
    Label,
}

impl Typeface {
    pub fn family(self) -> &'static str {
        match self {
            Typeface::Display => "Sofia Sans Extra Condensed",
            Typeface::Label => "Barlow Condensed",
        }
    }

    pub fn weight(self) -> u16 {
        match self {
            Typeface::Display => 900,
            Typeface::Label => 600,
        }
    }
}

/// The bundled fonts, parsed once and shared: a clone costs a reference count.
#[derive(Clone, Debug)]
pub struct Fonts {
    database: Arc<fontdb::Database>,
}

impl Fonts {
    /// Loads the fonts that are part of the program.
    pub fn bundled() -> Fonts {
        let mut database = fontdb::Database::new();
        // The first one is the first to stand in for another.
        for face in [WIDE_COVERAGE, DISPLAY, LABEL] {
            database.load_font_source(fontdb::Source::Binary(Arc::new(face)));
        }
        // Where a family is unknown, usvg asks for a serif.
        database.set_serif_family("DejaVu Sans");
        Fonts { database: Arc::new(database) }
    }

    pub(super) fn database(&self) -> &Arc<fontdb::Database> {
        &self.database
    }

    /// How much room the text takes at a size of 1; nothing for text without ink.
    pub(super) fn measure(&self, text: &str, typeface: Typeface) -> Extent {
        self.set(text, typeface).extent
    }

    /// The text as it can be shown: without control characters and characters that no bundled face has, spaces collapsed.
    pub(super) fn legible(&self, text: &str) -> String {
        let printable: String = text
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !is_invisible(*c))
            .collect();
        let printable = printable.split_whitespace().collect::<Vec<_>>().join(" ");
        if !self.set(&printable, Typeface::Display).has_gaps {
            return printable;
        }
        let shown: String = printable
            .chars()
            .filter(|c| {
                *c == ' ' || !self.set(c.encode_utf8(&mut [0; 4]), Typeface::Display).has_gaps
            })
            .collect();
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether every letter and digit of the text can be shown. Symbols do not count: without an
    /// emoji the words are still whole.
    pub(super) fn can_write(&self, text: &str) -> bool {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        letters(&self.legible(text)) == letters(text)
    }

    fn set(&self, text: &str, typeface: Typeface) -> Setting {
        let mut svg = Svg::new(100.0, 100.0);
        svg.text(&TextLine {
            text,
            x: 0.0,
            y: 0.0,
            size: MEASURED_AT,
            typeface,
            anchor: Anchor::Start,
            fill: "#000".into(),
            extra: "",
        });
        raster::parse(&svg.finish(), self).map(|tree| Setting::of(tree.root())).unwrap_or_default()
    }
}

/// Room that a line of text takes, as shares of its size.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub width: f32,
    /// Ink above the baseline.
    above: f32,
    /// Ink below the baseline.
    below: f32,
}

impl Extent {
    /// What to reckon with when centring: the height of capitals, and more only for scripts that reach far beyond it.
    pub fn tallness(self) -> f32 {
        let above = if self.above > 0.95 { self.above - 0.08 } else { CAP_HEIGHT };
        above + self.drop()
    }

    /// The part of [`Extent::tallness`] below the baseline: 0 for Latin capitals, most cedillas and commas included.
    pub fn drop(self) -> f32 {
        if self.below > 0.20 { self.below } else { 0.0 }
    }
}

/// A line of text as it was laid out.
#[derive(Debug, Default)]
struct Setting {
    extent: Extent,
    /// Some character has no glyph in any face.
    has_gaps: bool,
}

impl Setting {
    fn of(root: &usvg::Group) -> Setting {
        let Some(usvg::Node::Text(text)) = root.children().first() else {
            return Setting::default();
        };
        let mut glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
        let ink = text.flattened().bounding_box();
        Setting {
            extent: Extent {
                width: text.bounding_box().width() / MEASURED_AT,
                above: -ink.top() / MEASURED_AT,
                below: ink.bottom() / MEASURED_AT,
            },
            has_gaps: glyphs.any(|glyph| glyph.id.0 == 0),
        }
    }
}

/// Characters without ink that change the text around them: joiners, marks of direction, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200d}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Falls back from face to face in the order they were loaded. usvg's own selector logs every step.
pub(super) fn resolver() -> FontResolver<'static> {
    FontResolver {
        select_fallback: Box::new(|_, tried, database| {
            database.faces().map(|face| face.id).find(|id| !tried.contains(id))
        }),
        ..FontResolver::default()
    }
}
