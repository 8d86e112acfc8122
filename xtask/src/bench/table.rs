//! The table at the end.

/// One figure beside its baseline, as it is shown. A dash stands for nothing.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    pub figure: String,
    pub baseline: String,
    pub ratio: String,
    pub wanted: String,
}

/// Rows with one baseline.
pub struct Section {
    pub title: String,
    pub rows: Vec<Row>,
}

pub const NOTHING: &str = "–";

impl Row {
    /// A row as the bench programs print it, its cells two spaces or more apart; `None` for other lines and headings.
    pub fn parse(line: &str) -> Option<Self> {
        let cells: Vec<&str> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [name, figure, baseline, ratio, wanted] = cells[..] else { return None };
        // A figure starts with a digit, the word above it does not.
        figure.starts_with(|first: char| first.is_ascii_digit()).then(|| Self {
            name: name.to_owned(),
            figure: figure.to_owned(),
            baseline: baseline.to_owned(),
            ratio: ratio.to_owned(),
            wanted: wanted.to_owned(),
        })
    }
}

/// Prints every section under one heading.
pub fn print(sections: &[Section]) {
    let cells = |name: &str, [figure, baseline, ratio, wanted]: [&str; 4]| {
        println!("{name:<42}{figure:>14}{baseline:>14}{ratio:>8}{wanted:>10}");
    };
    println!();
    cells("", ["figure", "baseline", "ratio", "wanted"]);
    for section in sections {
        println!("{}", section.title);
        for row in &section.rows {
            let name = format!("  {}", row.name);
            cells(&name, [&row.figure, &row.baseline, &row.ratio, &row.wanted]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_among_other_lines() {
        let row = Row::parse("chart of 2 × 8,760 points   2.10 ms      –      –  < 3 ms").unwrap();
        assert_eq!(row.name, "chart of 2 × 8,760 points");
        assert_eq!((row.figure.as_str(), row.baseline.as_str()), ("2.10 ms", NOTHING));
        assert_eq!(row.wanted, "< 3 ms");
        assert_eq!(Row::parse("Keyed API    figure   bare hello   ratio   wanted"), None);
        assert_eq!(Row::parse("  12 answers had another status"), None);
    }
}
