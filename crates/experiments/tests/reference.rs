//! All figures of `verify()` agree with SciPy, statsmodels and the publications.

use std::collections::BTreeMap;

use weft_experiments::verify;

#[test]
fn every_figure_agrees_with_somebody_elses() {
    let checks = verify();
    let wrong: Vec<_> = checks.iter().filter(|c| !c.ok).collect();
    assert!(wrong.is_empty(), "{} of {} disagree: {:#?}", wrong.len(), checks.len(), &wrong[..wrong.len().min(20)]);
}

#[test]
fn every_function_is_verified() {
    let mut by_function: BTreeMap<String, usize> = BTreeMap::new();
    for check in verify() {
        *by_function.entry(check.name.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    for function in ["compare_proportions", "fisher_exact", "compare_means", "sample_ratio_mismatch", "required_sample_size", "power_of_proportions"] {
        assert!(by_function.get(function).is_some_and(|n| *n >= 10), "{function}: {by_function:?}");
    }
}
