use proptest::prelude::*;

use super::super::features::Column;
use super::*;

fn number(values: Vec<f32>) -> Column {
    Features::new(values.len()).numbers("x", values).unwrap().columns()[0].clone()
}
fn category(values: &[Option<&str>]) -> Column {
    Features::new(values.len()).categories("c", values.iter().copied()).unwrap().columns()[0].clone()
}

#[test]
fn a_table_by_hand() {
    // 30 of 100 against 20 of 200: pooled 1/6, z = 0.2 / sqrt(5/36 · 3/200).
    let d = value_difference("city", "a", (30, 100), (20, 200));
    assert!((d.z - 0.2 / (5.0 / 36.0 * 0.015_f64).sqrt()).abs() < 1e-12);
    assert!((d.lift.unwrap() - 3.0).abs() < 1e-12 && !d.is_small);
    let interval = d.interval.unwrap();
    assert!(interval.low > 0.1 && interval.high < 0.31 && interval.low < 0.2);
    // With two rows the statistic is z squared.
    let chi = chi_square(&[[20, 30], [180, 70]]);
    assert!((chi.statistic - d.z * d.z).abs() < 1e-9 && (chi.p_value / d.p_value - 1.0).abs() < 1e-9);
    assert!(value_difference("city", "a", (1, 5), (1, 9)).is_small);
    assert!(chi_square(&[[0, 0], [5, 5]]).p_value >= 1.0);
}

#[test]
fn discoveries_are_corrected_as_in_the_paper() {
    // Table 1 of Benjamini and Hochberg 1995: at 5 % the first four of fifteen are rejected.
    let p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
    let q = benjamini_hochberg(&p);
    assert_eq!(q.iter().filter(|q| **q <= 0.05).count(), 4);
    assert!(q.windows(2).all(|w| w[0] <= w[1]));
    assert!(benjamini_hochberg(&[]).is_empty());
}

#[test]
fn ranks_by_hand() {
    let found = mann_whitney(&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0]).unwrap();
    assert!((found.u - 8.5).abs() < 1e-12 && (found.cliffs_delta - 8.0 / 9.0).abs() < 1e-12);
    assert_eq!(mann_whitney(&[1.0], &[]), None);
    assert!(mann_whitney(&[2.0; 3], &[2.0; 4]).unwrap().p_value >= 1.0);
    assert_eq!(welch(&[1.0], &[1.0, 2.0]), None);
    assert_eq!(welch(&[1.0, 1.0], &[1.0, 1.0]), None);
}

#[test]
fn a_segment_is_told_apart() {
    let n = 300;
    let members: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
    let city: Vec<Option<&str>> = (0..n).map(|i| if i % 50 == 0 { None } else { Some(if i % 3 == 0 && i % 2 == 0 { "上海" } else { "北京" }) }).collect();
    let spend: Vec<f32> = (0..n).map(|i| if i % 3 == 0 { 5.0 } else { 0.0 } + (i % 10) as f32).collect();
    let features = Features::new(n).categories("city", city).unwrap().numbers("spend", spend).unwrap();
    let features = features.numbers("same", vec![1.0; n]).unwrap().known_numbers("gone", vec![None; n]).unwrap();
    let found = compare(&features, &members, 2).unwrap();
    assert_eq!((found.people, found.rest), (100, 200));
    assert_eq!((found.values[0].people + found.values[1].people, found.categories.len()), (98, 1));
    assert!(found.values.iter().all(|v| v.q_value < 1e-6 && v.q_value >= v.p_value));
    assert_eq!((found.numbers[0].feature.as_str(), found.numbers.len()), ("spend", 2));
    assert!(found.numbers[0].cliffs_delta > 0.7 && found.numbers[0].p_value < 1e-9 && !found.numbers[0].is_skewed);
    assert!(found.numbers[1].p_value >= 1.0);
    // Nobody, or everybody: nothing to compare with.
    let nobody = compare(&features, &vec![false; n], 1).unwrap();
    assert!(nobody.values.is_empty() && nobody.numbers.is_empty());
    assert!(compare(&features, &[true], 1).is_err());
}

#[test]
fn distributions_that_moved() {
    // By hand: (0.4−0.5) ln 0.8 + (0.6−0.5) ln 1.2.
    let index = population_stability_index(&[50, 50], &[40, 60]).unwrap();
    assert!((index - (-0.1 * 0.8_f64.ln() + 0.1 * 1.2_f64.ln())).abs() < 1e-12);
    assert!((jensen_shannon(&[1, 0], &[0, 1]).unwrap() - 1.0).abs() < 1e-12);
    assert!(jensen_shannon(&[3, 4], &[30, 40]).unwrap() < 1e-12);
    assert!(population_stability_index(&[0], &[1]).is_err() && population_stability_index(&[1, 1], &[1]).is_err());
    let before = number((0..1000).map(|i| i as f32).collect());
    assert_eq!(numeric_drift(&before, &before, 10).unwrap().shift, Shift::None);
    let now = number((0..1000).map(|i| (i / 2) as f32).collect());
    let drift = numeric_drift(&before, &now, 10).unwrap();
    assert_eq!((drift.shift, drift.before.len()), (Shift::Strong, 11));
    assert!(drift.before[..10].iter().all(|s| (s - 0.1).abs() < 2e-3));
    let (a, b) = (category(&[Some("x"), Some("y"), None, Some("x")]), category(&[Some("y"), Some("z"), Some("y"), None]));
    let moved = categorical_drift(&a, &b).unwrap();
    assert_eq!((moved.before, moved.now), (vec![0.5, 0.25, 0.0, 0.25], vec![0.0, 0.5, 0.25, 0.25]));
    assert_eq!(categorical_drift(&a, &before).unwrap_err().code, "models.column_kind");
    assert!(numeric_drift(&a, &a, 10).is_err());
    assert!(share_interval(1, 2, 2.0).is_err() && share_interval(0, 0, 0.95).unwrap().is_none());
}

proptest! {
    #[test]
    fn sides_and_order_are_even(a in prop::collection::vec(-9_i8..9, 2..40), b in prop::collection::vec(-9_i8..9, 2..40)) {
        let f = |v: &[i8]| v.iter().map(|x| f32::from(*x)).collect::<Vec<_>>();
        let (a, b) = (f(&a), f(&b));
        let (one, other) = (mann_whitney(&a, &b).unwrap(), mann_whitney(&b, &a).unwrap());
        prop_assert!((one.cliffs_delta + other.cliffs_delta).abs() < 1e-9 && (one.p_value - other.p_value).abs() < 1e-12);
        let pairs = a.iter().flat_map(|x| b.iter().map(move |y| f64::from(i8::from(x > y) - i8::from(x < y)))).sum::<f64>();
        prop_assert!((one.cliffs_delta - pairs / (a.len() * b.len()) as f64).abs() < 1e-9);
        let mut turned = a.clone();
        turned.reverse();
        prop_assert!((mann_whitney(&turned, &b).unwrap().p_value - one.p_value).abs() < 1e-12);
        if let (Some(w), Some(v)) = (welch(&a, &b), welch(&b, &a)) {
            prop_assert!((w.t + v.t).abs() < 1e-9 && (w.p_value - v.p_value).abs() < 1e-9);
        }
    }
}
