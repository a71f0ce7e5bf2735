//! Tails and quantiles of the three distributions we need, accurate far out in the tail and for huge counts.

use std::f64::consts::{PI, SQRT_2};

use statrs::function::erf::erfc_inv;
use statrs::function::gamma::ln_gamma;

/// P(|Z| > |z|) of a standard normal variable: the tail of its square.
pub fn normal_two_sided(z: f64) -> f64 {
    chi_square_tail(z * z, 1.0)
}

/// P(Z <= z).
pub fn normal_cdf(z: f64) -> f64 {
    let tail = 0.5 * normal_two_sided(z);
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// z with P(Z <= z) = p, for 0 < p < 1.
pub fn normal_quantile(p: f64) -> f64 {
    let tail = 2.0 * p.min(1.0 - p);
    let mut z = SQRT_2 * erfc_inv(tail);
    // The approximation is good to ten digits; Newton's steps bring the rest.
    for _ in 0..2 {
        let density = 2.0 * (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
        if density > 0.0 {
            z += (normal_two_sided(z) - tail) / density;
        }
    }
    if p < 0.5 { -z } else { z }
}

/// P(|T| > |t|) with `df` degrees of freedom.
pub fn student_two_sided(t: f64, df: f64) -> f64 {
    let t2 = t * t;
    if t2 == 0.0 {
        return 1.0;
    }
    if df >= 1e4 {
        return normal_two_sided(hill(t2, df));
    }
    let (a, b) = (0.5 * df, 0.5);
    // x = df/(df+t²) and its complement, each formed without cancellation.
    let (x, y) = (1.0 / (1.0 + t2 / df), 1.0 / (1.0 + df / t2));
    let ln_front = -a * (t2 / df).ln_1p() + b * y.ln() + ln_gamma_half_step(a) - ln_gamma(0.5);
    if x < (a + 1.0) / (a + b + 2.0) {
        ln_front.exp() * beta_fraction(a, b, x) / a
    } else {
        1.0 - ln_front.exp() * beta_fraction(b, a, y) / b
    }
}

/// The normal deviate with the same tail (G. W. Hill, Communications of the ACM 13 (1970), algorithm 395):
/// from ten thousand degrees of freedom on it is exact to the last digits, where the continued fraction crawls.
fn hill(t2: f64, df: f64) -> f64 {
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let w2 = a * (t2 / df).ln_1p();
    let correction = (((4.0 * w2 + 33.0) * w2 + 240.0) * w2 + 855.0) / (10.0 * b * (b + 0.8 * w2 * w2 + 100.0));
    w2.sqrt() * (1.0 + (w2 + 3.0) / b - correction)
}

/// t > 0 with P(|T| > t) = `alpha`.
pub fn student_quantile_two_sided(alpha: f64, df: f64) -> f64 {
    let mut low = 0.0;
    let mut high = normal_quantile(1.0 - alpha / 2.0).max(1.0);
    while student_two_sided(high, df) > alpha && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    // Bisection on the exact tail: forty-odd halvings reach the last digit, and nothing can go astray.
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if student_two_sided(middle, df) > alpha { low = middle } else { high = middle }
    }
    low + (high - low) / 2.0
}

/// P(X > x) of a chi-square variable.
pub fn chi_square_tail(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let (a, x) = (df / 2.0, x / 2.0);
    let ln_front = a * x.ln() - x - ln_gamma(a);
    if x < a + 1.0 { 1.0 - ln_front.exp() * gamma_series(a, x) } else { ln_front.exp() * gamma_fraction(a, x) }
}

/// ln Γ(a + ½) − ln Γ(a): two huge numbers whose difference is small, so large `a` take the asymptotic series.
fn ln_gamma_half_step(a: f64) -> f64 {
    if a < 40.0 {
        return ln_gamma(a + 0.5) - ln_gamma(a);
    }
    let r = 1.0 / a;
    let r2 = r * r;
    0.5 * a.ln() - r * (1.0 / 8.0 - r2 * (1.0 / 192.0 - r2 * (1.0 / 640.0 - r2 * (17.0 / 14336.0))))
}

const TINY: f64 = 1e-300;
/// Far more than any argument that comes here needs: the fractions take about √n steps.
const MOST_STEPS: usize = 100_000;

/// Continued fraction of the incomplete beta function (Lentz's method).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
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
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
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

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / guard(b);
    let mut h = d;
    for step in 1..MOST_STEPS {
        let m = step as f64;
        let an = -m * (m - a);
        b += 2.0;
        d = 1.0 / guard(an * d + b);
        c = guard(b + an / c);
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_undo_tails() {
        for alpha in [0.5, 0.1, 0.05, 0.01, 1e-6] {
            let z = normal_quantile(1.0 - alpha / 2.0);
            assert!((normal_two_sided(z) / alpha - 1.0).abs() < 1e-10, "{alpha}");
            for df in [1.0, 2.5, 10.0, 1e3, 9999.0, 1e4, 1e6, 1e12] {
                let t = student_quantile_two_sided(alpha, df);
                assert!((student_two_sided(t, df) / alpha - 1.0).abs() < 1e-10, "{alpha} {df}");
            }
        }
    }

    #[test]
    fn the_two_ways_to_the_same_tail_meet() {
        for t in [0.1, 1.0, 2.0, 5.0, 20.0, 36.0] {
            let (below, above) = (student_two_sided(t, 1e4 - 1e-8), student_two_sided(t, 1e4));
            assert!((below / above - 1.0).abs() < 1e-9, "{t} {below} {above}");
        }
    }

    #[test]
    fn nothing_is_lost_at_the_ends() {
        assert_eq!(normal_two_sided(0.0), 1.0);
        assert_eq!(student_two_sided(0.0, 3.0), 1.0);
        assert_eq!(chi_square_tail(0.0, 1.0), 1.0);
        assert_eq!(normal_two_sided(1e10), 0.0);
        assert_eq!(student_two_sided(1e200, 5.0), 0.0);
        assert_eq!(chi_square_tail(1e10, 3.0), 0.0);
    }
}
