//! The y axis: from zero in round steps, and numbers as people write them.

/// A y axis that starts at zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Distance between grid lines.
    pub step: f64,
    /// How many steps; the axis ends at `step × count`.
    pub count: u32,
}

impl Scale {
    /// The smallest axis of `count` round steps (1, 2, 2.5, 5 × 10ⁿ) that holds `highest`. With
    /// `whole`, every step is a whole number.
    #[must_use]
    pub fn covering(highest: f64, count: u32, whole: bool) -> Self {
        let needed = highest / f64::from(count);
        let least = if whole || highest <= 0.0 { 1.0 } else { 1e-6 };
        let step = round_step(needed.max(least), whole);
        Self { step, count }
    }

    /// The value at the top.
    #[must_use]
    pub fn top(self) -> f64 {
        self.step * f64::from(self.count)
    }

    /// The values of the grid lines, zero first.
    pub fn values(self) -> impl Iterator<Item = f64> {
        (0..=self.count).map(move |line| f64::from(line) * self.step)
    }
}

fn round_step(needed: f64, whole: bool) -> f64 {
    let exponent = needed.log10().floor();
    let steps = (0..=1).flat_map(|above| {
        [1.0, 2.0, 2.5, 5.0].map(|round| round * 10f64.powf(exponent + f64::from(above)))
    });
    steps
        .filter(|step| !whole || step.fract() == 0.0)
        .find(|step| *step >= needed * (1.0 - 1e-9))
        .unwrap_or(needed)
}

/// A label of the axis: grouped in full up to five digits, then in thousands, millions, billions
/// of the axis' own size, so that the labels of one axis match.
#[must_use]
pub fn axis_label(value: f64, top: f64) -> String {
    let (unit, suffix) = unit_of(top, 100_000.0);
    if value == 0.0 { "0".to_owned() } else { format!("{}{suffix}", decimal(value / unit, 6)) }
}

/// A value in words beside its line: in full up to six digits.
#[must_use]
pub fn value_label(value: f64) -> String {
    let (unit, suffix) = unit_of(value, 1_000_000.0);
    let digits = if unit > 1.0 { 2 } else { 3 };
    format!("{}{suffix}", decimal(value / unit, digits))
}

fn unit_of(size: f64, in_full_below: f64) -> (f64, &'static str) {
    match size {
        _ if size < in_full_below => (1.0, ""),
        _ if size < 1e6 => (1e3, " k"),
        _ if size < 1e9 => (1e6, " M"),
        _ => (1e9, " bn"),
    }
}

/// `12,480`, `0.25`: at most `digits` after the point, none that are zero.
#[must_use]
pub fn decimal(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = part.trim_end_matches('0');
    let grouped = group(whole);
    if part.is_empty() { grouped } else { format!("{grouped}.{part}") }
}

fn group(whole: &str) -> String {
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if place > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_one_two_two_and_a_half_or_five() {
        let top = |highest, whole| Scale::covering(highest, 4, whole).top();
        assert_eq!(top(8_619.0, true), 10_000.0);
        assert_eq!(top(4_166.0, true), 8_000.0);
        assert_eq!(top(40.0, true), 40.0);
        assert_eq!(top(41.0, true), 80.0);
        assert_eq!(top(90.0, true), 100.0);
        assert_eq!(top(1e12, true), 1e12);
    }

    #[test]
    fn counts_never_get_fractions_and_nothing_gets_an_axis_too() {
        assert_eq!(Scale::covering(0.0, 4, true).top(), 4.0);
        assert_eq!(Scale::covering(9.0, 4, true).step, 5.0);
        assert_eq!(Scale::covering(0.0, 4, false).top(), 4.0);
        assert_eq!(Scale::covering(9.0, 4, false).step, 2.5);
        assert!((Scale::covering(0.12, 4, false).step - 0.05).abs() < 1e-12);
    }

    #[test]
    fn any_value_fits_under_the_top_and_above_a_quarter_of_it() {
        let mut value = 1.0;
        while value < 1e15 {
            let top = Scale::covering(value, 4, true).top();
            assert!(top >= value && top <= (value * 2.6).max(4.0), "{value} under {top}");
            value *= 1.37;
        }
    }

    #[test]
    fn numbers_are_grouped_and_shortened() {
        assert_eq!(axis_label(7_500.0, 10_000.0), "7,500");
        assert_eq!(axis_label(250_000.0, 1_000_000.0), "0.25 M");
        assert_eq!(axis_label(50_000.0, 200_000.0), "50 k");
        assert_eq!(value_label(4_166.0), "4,166");
        assert_eq!(value_label(0.12), "0.12");
        assert_eq!(value_label(1_234_567.0), "1.23 M");
        assert_eq!(decimal(-1_234.5, 2), "-1,234.5");
        assert_eq!(decimal(-123.0, 0), "-123");
    }
}
