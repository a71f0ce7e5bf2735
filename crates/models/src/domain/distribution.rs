//! Tails and quantiles of the distributions that tests need, and the interval of a share.

use std::f64::consts::PI;

use super::Interval;

/// ln Γ(x) for x > 0: Stirling's series from 12 on, below by Γ(x + 1) = x Γ(x) (M. Abramowitz, I. Stegun, 6.1.41).
pub fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut product) = (x, 1.0);
    while x < 12.0 {
        product *= x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = 1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * (691.0 / 360_360.0 - r / 156.0)))));
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln() + series / x - product.ln()
}

/// P(X > x) of a chi-square variable.
pub fn chi_square_tail(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let (a, x) = (df / 2.0, x / 2.0);
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 { 1.0 - front * gamma_series(a, x) } else { front * gamma_fraction(a, x) }
}

/// P(|Z| > |z|) of a standard normal variable.
pub fn normal_two_sided(z: f64) -> f64 {
    chi_square_tail(z * z, 1.0)
}

/// z with P(Z <= z) = p, for 0 < p < 1.
pub fn normal_quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    // Abramowitz, Stegun 26.2.23, good to 4.5e-4; Newton's steps bring the rest.
    let t = (-2.0 * tail.ln()).sqrt();
    let mut z = t - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..4 {
        let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
        if density > 0.0 {
            z = (z.max(0.0) + (0.5 * normal_two_sided(z.max(0.0)) - tail) / density).max(0.0);
        }
    }
    if p < 0.5 { -z } else { z }
}

/// P(|T| > |t|) with `df` degrees of freedom.
pub fn student_two_sided(t: f64, df: f64) -> f64 {
    let t2 = t * t;
    if t2 <= 0.0 {
        return 1.0;
    }
    let (a, b) = (0.5 * df, 0.5);
    // x = df/(df+t²) and its complement, each formed without cancellation.
    let (x, y) = (1.0 / (1.0 + t2 / df), 1.0 / (1.0 + df / t2));
    let front = (-a * (t2 / df).ln_1p() + b * y.ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) { front * beta_fraction(a, b, x) / a } else { 1.0 - front * beta_fraction(b, a, y) / b }
}

/// Wilson's score interval of a share (E. Wilson, JASA 22 (1927), 209–212). `None` of nobody.
pub fn wilson(hits: f64, n: f64, confidence: f64) -> Option<Interval> {
    if n <= 0.0 {
        return None;
    }
    let z = normal_quantile(0.5 + confidence / 2.0);
    let (z2, rate) = (z * z, hits / n);
    let middle = (hits + z2 / 2.0) / (n + z2);
    let half = z / (n + z2) * (n * rate * (1.0 - rate) + z2 / 4.0).sqrt();
    Some(Interval { low: (middle - half).max(0.0), high: (middle + half).min(1.0) })
}

const TINY: f64 = 1e-300;
/// The fractions take about √n steps; this only ends what would never end.
const MOST_STEPS: usize = 200_000;

fn guard(v: f64) -> f64 {
    if v.abs() < TINY { TINY } else { v }
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for step in 1..MOST_STEPS {
        term *= x / (a + step as f64);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// Continued fraction of the upper incomplete gamma function (W. Lentz's method).
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / guard(b));
    let mut h = d;
    for step in 1..MOST_STEPS {
        let m = step as f64;
        let numerator = -m * (m - a);
        b += 2.0;
        d = 1.0 / guard(numerator * d + b);
        c = guard(b + numerator / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

/// Continued fraction of the incomplete beta function (the same).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - (a + b) * x / (a + 1.0)));
    let mut h = d;
    for step in 1..MOST_STEPS {
        let m = step as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_come_out() {
        for (x, wanted) in [(0.5, PI.sqrt().ln()), (1.0, 0.0), (5.0, 24.0_f64.ln()), (20.0, 39.339_884_187_199_495)] {
            assert!((ln_gamma(x) - wanted).abs() < 1e-13, "{x} {}", ln_gamma(x));
        }
        assert!((normal_two_sided(1.959_963_984_540_054) - 0.05).abs() < 1e-15);
        assert!((chi_square_tail(3.841_458_820_694_124, 1.0) - 0.05).abs() < 1e-14);
        assert!((student_two_sided(2.228_138_851_986_274, 10.0) - 0.05).abs() < 1e-13);
        for p in [1e-12, 0.01, 0.3, 0.5, 0.975, 0.999_999] {
            let z = normal_quantile(p);
            let back = if z < 0.0 { 0.5 * normal_two_sided(z) } else { 1.0 - 0.5 * normal_two_sided(z) };
            assert!((back / p - 1.0).abs() < 1e-9, "{p} {z} {back}");
        }
    }

    #[test]
    fn the_ends_are_defined() {
        assert!(student_two_sided(0.0, 3.0) >= 1.0 && student_two_sided(1e200, 5.0) <= 0.0);
        assert!(chi_square_tail(0.0, 1.0) >= 1.0 && chi_square_tail(1e10, 3.0) <= 0.0);
        assert!((student_two_sided(2.0, 1e9) / normal_two_sided(2.0) - 1.0).abs() < 1e-6);
        assert_eq!(wilson(0.0, 0.0, 0.95), None);
        let all = wilson(10.0, 10.0, 0.95).unwrap();
        assert!(all.high > 0.999 && (all.low - 0.722_467).abs() < 1e-6);
    }
}
