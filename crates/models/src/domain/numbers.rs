//! Quantiles, moments and ranks of one column.

/// The quantile at `q` by linear interpolation (type 7 of R. Hyndman, Y. Fan, The American Statistician 50 (1996), 361–365:
/// what NumPy, R and Excel's INC say). Reorders the values. `None` of nothing.
pub fn quantile(values: &mut [f32], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let (_, low, above) = values.select_nth_unstable_by(below, f32::total_cmp);
    let low = f64::from(*low);
    if part <= 0.0 {
        return Some(low);
    }
    let high = above.iter().copied().min_by(f32::total_cmp).map_or(low, f64::from);
    Some(low + (high - low) * part)
}

/// Ascending upper ends of all bins but the last, of at most `bins`: every value its own bin if there are few, quantiles otherwise.
pub fn cuts(values: &mut [f32], bins: usize) -> Vec<f32> {
    values.sort_unstable_by(f32::total_cmp);
    let mut distinct = values.to_owned();
    distinct.dedup_by(|a, b| a.total_cmp(b).is_eq());
    if distinct.len() <= bins {
        distinct.pop();
        return distinct;
    }
    let mut cuts: Vec<f32> = (1..bins).filter_map(|i| quantile(values, i as f64 / bins as f64)).map(|q| q as f32).collect();
    cuts.dedup_by(|a, b| a.total_cmp(b).is_eq());
    cuts
}

/// Count, mean and the second and third central moments, from two passes: no catastrophe where the mean is large.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub n: f64,
    pub mean: f64,
    /// Divided by n.
    pub variance: f64,
    pub skewness: f64,
    pub excess_kurtosis: f64,
}

impl Moments {
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (n, sum) = values.clone().fold((0.0, 0.0), |(n, sum), v| (n + 1.0, sum + v));
        if n < 1.0 {
            return Self::default();
        }
        let mean = sum / n;
        let (m2, m3, m4) = values.fold((0.0, 0.0, 0.0), |(a, b, c), v| {
            let d = v - mean;
            let d2 = d * d;
            (a + d2, b + d2 * d, c + d2 * d2)
        });
        let variance = m2 / n;
        // What rounding leaves of a constant column is no spread.
        if variance.sqrt() <= 1e-7 * mean.abs() || variance <= 0.0 {
            return Self { n, mean, ..Self::default() };
        }
        let sd = variance.sqrt();
        Self { n, mean, variance, skewness: m3 / n / (sd * variance), excess_kurtosis: m4 / n / (variance * variance) - 3.0 }
    }
    pub fn sd(&self) -> f64 {
        self.variance.sqrt()
    }
    /// Divided by n − 1.
    pub fn sample_variance(&self) -> f64 {
        if self.n > 1.0 { self.variance * self.n / (self.n - 1.0) } else { 0.0 }
    }
}

/// For every run of equal values, in ascending order: the rank its members share (their middle) and its bounds. `sorted` is sorted by `key`.
pub fn for_each_tie<T>(sorted: &[T], key: impl Fn(&T) -> f32, mut seen: impl FnMut(f64, &[T])) {
    let mut start = 0;
    while start < sorted.len() {
        let value = key(&sorted[start]);
        let length = sorted[start..].partition_point(|item| key(item).total_cmp(&value).is_le());
        let end = start + length;
        seen((start + end + 1) as f64 / 2.0, &sorted[start..end]);
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        let mut values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&mut values, 0.5), Some(2.5));
        assert_eq!(quantile(&mut values, 0.25), Some(1.75));
        assert_eq!(quantile(&mut values, 1.0), Some(4.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }

    #[test]
    fn moments_of_a_constant_are_flat_however_large_it_is() {
        let m = Moments::of([1.0e9 + 0.1; 7].into_iter());
        assert_eq!((m.variance, m.skewness), (0.0, 0.0));
        assert_eq!(Moments::of(std::iter::empty()).n, 0.0);
        let m = Moments::of([1.0, 2.0, 3.0, 10.0].into_iter());
        assert!((m.variance - 12.5).abs() < 1e-12 && (m.skewness - 1.018_233_764_908_628).abs() < 1e-12, "{m:?}");
    }

    #[test]
    fn ties_share_their_middle_rank() {
        let mut seen = Vec::new();
        for_each_tie(&[1.0, 2.0, 2.0, 5.0], |v| *v, |rank, run| seen.push((rank, run.len())));
        assert_eq!(seen, [(1.0, 1), (2.5, 2), (4.0, 1)]);
    }
}
