//! How many people an experiment needs, and what it could see with those it has.

use crate::distribution::{normal_cdf, normal_quantile};
use crate::kernel::{Error, Result};
use crate::proportions::check_confidence;

/// People needed in *each* of two equal arms to tell `treatment_rate` from `control_rate` with this power
/// (0.8 for 80 %) at this two-sided confidence. Normal approximation, pooled variance under "no difference".
pub fn required_sample_size(control_rate: f64, treatment_rate: f64, confidence: f64, power: f64) -> Result<u64> {
    check_rates(control_rate, treatment_rate)?;
    check_confidence(confidence)?;
    if !(power > 0.0 && power < 1.0) {
        return Err(Error::invalid("experiments.power_out_of_range", format!("power {power} is not between 0 and 1")));
    }
    let difference = treatment_rate - control_rate;
    if difference == 0.0 {
        return Err(Error::invalid("experiments.no_difference_to_find", "the two rates are equal: no number of people will tell them apart"));
    }
    let (null, alternative) = deviations(control_rate, treatment_rate, 1.0);
    let reach = normal_quantile(0.5 + confidence / 2.0) * null + normal_quantile(power) * alternative;
    let people = (reach / difference).powi(2).ceil();
    // Below two people per arm the approximation says nothing; above 2⁵³ there are no more people.
    Ok(people.clamp(2.0, 9e15) as u64)
}

/// The chance that arms of these sizes show a significant difference when the rates are really these.
pub fn power_of_proportions(control: (u64, f64), treatment: (u64, f64), confidence: f64) -> Result<f64> {
    check_rates(control.1, treatment.1)?;
    check_confidence(confidence)?;
    if control.0 == 0 || treatment.0 == 0 {
        return Ok(0.0);
    }
    let n = control.0 as f64;
    let (null, alternative) = deviations(control.1, treatment.1, treatment.0 as f64 / n);
    let shift = (treatment.1 - control.1) * n.sqrt();
    let reach = normal_quantile(0.5 + confidence / 2.0) * null;
    if alternative == 0.0 {
        return Ok(if shift.abs() > reach { 1.0 } else { 0.0 });
    }
    Ok(normal_cdf((shift - reach) / alternative) + normal_cdf((-shift - reach) / alternative))
}

/// √n × standard deviation of the observed difference, under "no difference" and under the given rates;
/// `ratio` is treatment size / control size.
fn deviations(control_rate: f64, treatment_rate: f64, ratio: f64) -> (f64, f64) {
    let spread = |p: f64| p * (1.0 - p);
    let pooled = (control_rate + treatment_rate * ratio) / (1.0 + ratio);
    let null = (spread(pooled) * (1.0 + 1.0 / ratio)).sqrt();
    let alternative = (spread(control_rate) + spread(treatment_rate) / ratio).sqrt();
    (null, alternative)
}

fn check_rates(control_rate: f64, treatment_rate: f64) -> Result<()> {
    for (name, rate) in [("control_rate", control_rate), ("treatment_rate", treatment_rate)] {
        if !(0.0..=1.0).contains(&rate) {
            return Err(Error::invalid("experiments.rate_out_of_range", format!("{name} {rate} is not between 0 and 1")).field(name, "between 0 and 1"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_textbook_size() {
        // Fleiss, Levin, Paik: without continuity correction, 0.60 against 0.70, 95 %, 80 %: 356 per arm.
        assert_eq!(required_sample_size(0.6, 0.7, 0.95, 0.8).unwrap(), 356);
    }

    #[test]
    fn the_size_gives_the_power() {
        for (c, t) in [(0.05, 0.06), (0.2, 0.25), (0.5, 0.51), (0.9, 0.95), (0.05, 0.04)] {
            let n = required_sample_size(c, t, 0.95, 0.8).unwrap();
            let power = power_of_proportions((n, c), (n, t), 0.95).unwrap();
            assert!((0.8..0.803).contains(&power), "{c} {t} {n} {power}");
        }
    }

    #[test]
    fn edges_are_defined() {
        assert_eq!(required_sample_size(0.1, 0.1, 0.95, 0.8).unwrap_err().code, "experiments.no_difference_to_find");
        assert_eq!(required_sample_size(-0.1, 0.1, 0.95, 0.8).unwrap_err().code, "experiments.rate_out_of_range");
        assert_eq!(required_sample_size(0.1, 0.2, 0.95, 1.0).unwrap_err().code, "experiments.power_out_of_range");
        assert_eq!(power_of_proportions((0, 0.1), (10, 0.2), 0.95).unwrap(), 0.0);
        assert_eq!(power_of_proportions((10, 0.0), (10, 1.0), 0.95).unwrap(), 1.0);
        assert!(required_sample_size(0.5, 0.5 + 1e-12, 0.95, 0.8).unwrap() > 1_000_000_000);
    }
}
