//! Fewer points for the same picture.

/// A position in the plot: how far along, and the value.
pub type Spot = (f64, f64);

/// Splits a series at its gaps into runs of `(index, value)`.
#[must_use]
pub fn runs(values: &[Option<f64>]) -> Vec<Vec<Spot>> {
    let mut runs = vec![Vec::new()];
    for (index, value) in values.iter().enumerate() {
        match (value, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((as_position(index), *value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Thins a run to about `points`, keeping its ends and, within every stretch, its lowest and
/// highest value: no peak is lost.
#[must_use]
pub fn thin(run: Vec<Spot>, points: usize) -> Vec<Spot> {
    if run.len() <= points.max(2) {
        return run;
    }
    let stretch = run.len().div_ceil((points / 2).max(1));
    let mut thinned: Vec<Spot> = Vec::with_capacity(points + 2);
    thinned.extend(run.first());
    for part in run.chunks(stretch) {
        let lowest = part.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let highest = part.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        if let (Some(lowest), Some(highest)) = (lowest, highest) {
            let (first, second) =
                if lowest.0 <= highest.0 { (lowest, highest) } else { (highest, lowest) };
            thinned.extend([first, second]);
        }
    }
    thinned.extend(run.last());
    thinned.dedup_by(|a, b| a.0 == b.0);
    thinned
}

/// A bucket's number as a position.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a chart has thousands of buckets, not 2^52")]
pub fn as_position(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_split_a_series() {
        let values = [None, Some(1.0), Some(2.0), None, None, Some(3.0)];
        assert_eq!(runs(&values), [vec![(1.0, 1.0), (2.0, 2.0)], vec![(5.0, 3.0)]]);
        assert!(runs(&[]).is_empty() && runs(&[None]).is_empty());
    }

    #[test]
    fn thinning_keeps_ends_order_and_peaks() {
        let mut run: Vec<Spot> =
            (0..8_760).map(|i| (as_position(i), f64::from(u32::from(i % 7 == 0)))).collect();
        run[4_321].1 = 99.0;
        let thinned = thin(run.clone(), 800);
        assert!(thinned.len() <= 802, "{}", thinned.len());
        assert_eq!((thinned.first(), thinned.last()), (run.first(), run.last()));
        assert!(thinned.contains(&(4_321.0, 99.0)));
        assert!(thinned.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(thin(run[..5].to_vec(), 800), run[..5]);
    }
}
