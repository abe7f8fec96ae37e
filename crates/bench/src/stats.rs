//! Numbers about numbers.

use serde::{Deserialize, Serialize};

/// Cost against work, with the straight line that fits best.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Series {
    /// What `x` counts.
    pub(crate) work: String,
    /// What `y` counts.
    pub(crate) cost: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// Cost of one more piece of work.
    pub(crate) slope: f64,
    /// Cost of none.
    pub(crate) intercept: f64,
    /// The same between the last two points: far from `slope` where the series bends.
    pub(crate) last_slope: f64,
}

impl Series {
    pub(crate) fn new(work: &str, cost: &str, points: Vec<(f64, f64)>) -> Self {
        let (slope, intercept) = least_squares(&points);
        let last_slope = match points.as_slice() {
            [.., (x0, y0), (x1, y1)] if x1 > x0 => (y1 - y0) / (x1 - x0),
            _ => slope,
        };
        Self { work: work.to_owned(), cost: cost.to_owned(), points, slope, intercept, last_slope }
    }

    /// Cost of one more between two amounts of work that were measured.
    pub(crate) fn slope_between(&self, from: f64, to: f64) -> Option<f64> {
        let at = |x: f64| self.points.iter().find(|point| (point.0 - x).abs() < 0.5);
        let ((x0, y0), (x1, y1)) = (at(from)?, at(to)?);
        (x1 > x0).then(|| (y1 - y0) / (x1 - x0))
    }
}

/// Slope and intercept; a slope of 0 when there is nothing to draw it from.
fn least_squares(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    if points.is_empty() {
        return (0.0, 0.0);
    }
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let spread = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum::<f64>();
    if spread == 0.0 {
        return (0.0, mean_y);
    }
    let slope = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>() / spread;
    (slope, mean_y - slope * mean_x)
}

/// How long things took, in milliseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Latency {
    pub(crate) way: String,
    pub(crate) samples: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

impl Latency {
    /// The way that the promise is made for.
    pub(crate) const IN_AT_HALF_LOAD: &'static str = "phone → webhook at half load";

    pub(crate) fn new(way: &str, mut ms: Vec<f64>) -> Self {
        ms.sort_by(f64::total_cmp);
        Self {
            way: way.to_owned(),
            samples: ms.len(),
            p50_ms: percentile(&ms, 0.50),
            p95_ms: percentile(&ms, 0.95),
            p99_ms: percentile(&ms, 0.99),
            max_ms: percentile(&ms, 1.0),
        }
    }
}

/// The smallest value that `share` of the sorted values do not exceed.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

/// The same thing several times over.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
    pub(crate) runs: usize,
}

impl Spread {
    /// None of nothing.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Some(Self { min, median, max, runs: values.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Latency, Series, Spread};

    #[test]
    fn the_middle_of_several_runs_is_told_with_both_ends() {
        let odd = Spread::of(vec![3.0, 9.0, 1.0]).unwrap();
        assert_eq!((odd.min, odd.median, odd.max, odd.runs), (1.0, 3.0, 9.0, 3));
        let even = Spread::of(vec![4.0, 1.0, 2.0, 8.0]).unwrap();
        assert_eq!((even.median, even.runs), (3.0, 4));
        assert!(Spread::of(Vec::new()).is_none());
    }

    #[test]
    fn a_slope_is_taken_between_points_that_were_measured() {
        let series = Series::new("numbers", "KiB", vec![(1.0, 50.0), (200.0, 100.0), (1000.0, 900.0)]);
        assert!((series.slope_between(200.0, 1000.0).unwrap() - 1.0).abs() < 1e-9);
        assert!(series.slope_between(200.0, 500.0).is_none());
        assert!(series.slope_between(1000.0, 200.0).is_none());
    }

    #[test]
    fn a_straight_line_is_found_again() {
        let series = Series::new("numbers", "KiB", (0..5).map(|n| (f64::from(n), 7.0 + 3.0 * f64::from(n))).collect());
        assert!((series.slope - 3.0).abs() < 1e-9);
        assert!((series.intercept - 7.0).abs() < 1e-9);
        assert!((series.last_slope - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_bend_shows_in_the_last_slope() {
        let series = Series::new("numbers", "KiB", vec![(0.0, 0.0), (1.0, 1.0), (2.0, 11.0)]);
        assert!((series.last_slope - 10.0).abs() < 1e-9);
        assert!(series.slope < series.last_slope);
    }

    #[test]
    fn one_point_has_no_slope() {
        let series = Series::new("numbers", "KiB", vec![(5.0, 9.0)]);
        assert!(series.slope.abs() < f64::EPSILON);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let latency = Latency::new("there", (1..=200).map(f64::from).collect());
        assert!((latency.p50_ms - 100.0).abs() < f64::EPSILON);
        assert!((latency.p99_ms - 198.0).abs() < f64::EPSILON);
        assert!((latency.max_ms - 200.0).abs() < f64::EPSILON);
        let one = Latency::new("there", vec![4.0]);
        assert!((one.p99_ms - 4.0).abs() < f64::EPSILON);
    }
}
