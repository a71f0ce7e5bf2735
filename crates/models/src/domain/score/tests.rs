use proptest::prelude::*;

use super::super::random::Dice;
use super::*;

/// People whose chance is sigmoid(2x − z − 2 + 1.5 in 上海); `noise` says nothing; some x are unknown.
fn people(n: usize, seed: u64) -> (Features, Vec<bool>, Vec<u64>) {
    let mut dice = Dice::new(seed);
    let normal = |dice: &mut Dice| ((0..12).map(|_| dice.unit()).sum::<f64>() - 6.0) as f32;
    let (mut x, mut z, mut noise, mut city, mut target) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let (a, b, c) = (normal(&mut dice), normal(&mut dice), dice.below(4));
        let chance = 1.0 / (1.0 + (-(2.0 * f64::from(a) - f64::from(b) - 2.0 + if c == 0 { 1.5 } else { 0.0 })).exp());
        target.push(dice.unit() < chance);
        x.push((dice.unit() > 0.05).then_some(a));
        z.push(b);
        noise.push(normal(&mut dice));
        city.push(Some(["上海", "北京", "广州", "成都"][c]));
    }
    let features = Features::new(n).known_numbers("x", x).unwrap().numbers("z", z).unwrap();
    let features = features.numbers("noise", noise).unwrap().categories("city", city).unwrap();
    (features, target, (0..n).map(|i| hash_id(&format!("person {i}"))).collect())
}

#[test]
fn coefficients_come_back() {
    let (features, target, _) = people(40_000, 1);
    let options = LogisticOptions { scaling: super::super::prepare::ScalingRule::None, l2: 0.0, ..LogisticOptions::default() };
    let model = Logistic::fit(&features, &target, &options).unwrap();
    assert!(model.has_converged && model.iterations < 12);
    let of = |name: &str| model.terms.iter().find(|t| t.feature == name).unwrap();
    assert!((of("z").coefficient + 1.0).abs() < 0.1 && of("z").p_value < 1e-9, "{:?}", of("z"));
    assert!(of("noise").p_value > 0.001 && of("noise").coefficient.abs() < 4.0 * of("noise").standard_error);
    // Cities are compared with the most frequent one, so three have terms.
    assert_eq!(model.terms.iter().filter(|t| t.feature == "city").count(), 3);
    assert_eq!(model.importance()[0].0, "x");
}

#[test]
fn one_thread_and_two_give_the_same() {
    let (features, target, _) = people(30_000, 2);
    let fit = |threads| {
        let l = Logistic::fit(&features, &target, &LogisticOptions { threads, ..LogisticOptions::default() }).unwrap();
        let b = BoostedTrees::fit(&features, &target, &BoostOptions { threads, rounds: 10, ..BoostOptions::default() }).unwrap();
        (l.raw(&features, threads).unwrap(), b.raw(&features, threads).unwrap())
    };
    assert_eq!(fit(1), fit(3));
}

#[test]
fn trees_learn_what_lines_cannot() {
    let n = 8_000;
    let mut dice = Dice::new(3);
    let (x, y): (Vec<f32>, Vec<f32>) = (0..n).map(|_| (dice.unit() as f32, dice.unit() as f32)).unzip();
    let target: Vec<bool> = x.iter().zip(&y).map(|(x, y)| ((*x > 0.5) != (*y > 0.5)) != (dice.unit() < 0.1)).collect();
    let features = Features::new(n).numbers("x", x).unwrap().numbers("y", y).unwrap();
    let hashes: Vec<u64> = (0..n as u64).map(super::super::random::mix).collect();
    let (model, report) = propensity(&features, &target, &hashes, &PropensityOptions::default()).unwrap();
    assert!(matches!(model.scorer, Scorer::Boosted(_)) && report.tried.len() == 2);
    assert!(report.test.auc > 0.87 && report.test.calibration_error < 0.05, "{report:?}");
    assert!(report.test.lift[0].lift > 1.5 && report.test.lift[9].cumulative_capture > 0.999);
}

#[test]
fn probabilities_are_right_although_negatives_were_sampled() {
    let (features, target, hashes) = people(30_000, 4);
    let options = PropensityOptions { negatives_per_positive: 1.0, ..PropensityOptions::default() };
    let (model, report) = propensity(&features, &target, &hashes, &options).unwrap();
    let half = report.trained_with as f64 / report.trained_positives as f64;
    assert!((1.9..2.1).contains(&half), "{half}");
    let predicted = model.predict(&features, 2).unwrap();
    let mean = predicted.iter().map(|p| f64::from(*p)).sum::<f64>() / predicted.len() as f64;
    let rate = target.iter().filter(|t| **t).count() as f64 / target.len() as f64;
    assert!((mean - rate).abs() < 0.015, "{mean} {rate}");
    assert!(report.test.auc > 0.85 && report.test.calibration_error < 0.03);
    assert!(predicted.iter().all(|p| (0.0..=1.0).contains(p)));
}

#[test]
fn the_most_alike_are_outside_of_the_seed() {
    let alike = most_alike(&[0.9, 0.2, 0.8, 0.8, 0.1], &[true, false, false, false, false], 2).unwrap();
    assert_eq!(alike, [(2, 0.8), (3, 0.8)]);
    assert_eq!(most_alike(&[0.5], &[false], 9).unwrap().len(), 1);
    assert!(most_alike(&[0.5], &[], 9).is_err());
}

#[test]
fn figures_by_hand() {
    let (scores, target) = ([0.9, 0.8, 0.8, 0.1], [true, true, false, false]);
    assert!((auc(&scores, &target).unwrap() - 3.5 / 4.0).abs() < 1e-12);
    let loss = -(0.9_f64.ln() + 0.8_f64.ln() + 0.2_f64.ln() + 0.9_f64.ln()) / 4.0;
    assert!((log_loss(&scores, &target).unwrap() - loss).abs() < 1e-7);
    assert!((brier(&scores, &target).unwrap() - (0.01 + 0.04 + 0.64 + 0.01) / 4.0).abs() < 1e-7);
    let table = evaluate(&scores, &target, 2).unwrap();
    assert_eq!((table.lift[0].positives, table.lift[0].lift, table.lift[1].positives), (2, 2.0, 0));
    assert!(log_loss(&[0.0, 1.0], &[true, false]).unwrap().is_finite());
}

#[test]
fn steps_rise_and_lines_fit() {
    let scores = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let target = [false, true, false, false, true, true];
    let steps = isotonic(&scores, &target).unwrap();
    let third = 1.0 / 3.0;
    let told: Vec<f64> = [0.0, 1.0, 2.0, 4.0, 4.5, 5.0, 9.0].iter().map(|s| steps.apply(*s)).collect();
    for (told, wanted) in told.iter().zip([0.0, 0.0, third, third, 2.0 * third, 1.0, 1.0]) {
        assert!((told - wanted).abs() < 1e-12, "{told} {wanted}");
    }
    let Calibration::Platt { slope, .. } = platt(&scores, &target).unwrap() else { panic!() };
    assert!(slope > 0.0);
    assert!(platt(&scores, &[true; 6]).is_err());
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    let (features, target, hashes) = people(200, 5);
    let options = PropensityOptions::default();
    let code = |r: Result<(Propensity, PropensityReport)>| r.unwrap_err().code;
    assert_eq!(code(propensity(&features, &[true; 200], &hashes, &options)), "models.one_class");
    assert_eq!(code(propensity(&features, &target, &hashes[1..], &options)), "models.length_differs");
    assert_eq!(code(propensity(&Features::new(0), &[], &[], &options)), "models.no_rows");
    assert_eq!(auc(&[f32::NAN, 0.0], &[true, false]).unwrap_err().code, "models.value_not_finite");
    assert_eq!(evaluate(&[0.5, 0.5], &[true, true], 10).unwrap_err().code, "models.one_class");
    let deep = BoostOptions { max_depth: 7, ..BoostOptions::default() };
    assert_eq!(BoostedTrees::fit(&features, &target, &deep).unwrap_err().code, "models.option_out_of_range");
    // The same column twice has no answer without a ridge, and half of it each with one.
    let twice = Features::new(4).numbers("a", vec![1.0, 2.0, 3.0, 4.0]).unwrap().numbers("b", vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    let target = [false, true, false, true];
    let fit = |l2| Logistic::fit(&twice, &target, &LogisticOptions { l2, ..LogisticOptions::default() });
    assert_eq!(fit(0.0).unwrap_err().code, "models.columns_dependent");
    let model = fit(1.0).unwrap();
    assert!((model.terms[0].coefficient - model.terms[1].coefficient).abs() < 1e-9);
    // Columns that say nothing at all leave the rate.
    let flat = Features::new(4).numbers("same", vec![1.0; 4]).unwrap().known_numbers("gone", [None; 4]).unwrap();
    let model = Logistic::fit(&flat, &target, &LogisticOptions::default()).unwrap();
    assert!(model.terms.is_empty() && model.intercept.abs() < 1e-9);
    let boosted = BoostedTrees::fit(&flat, &target, &BoostOptions { patience: 0, ..BoostOptions::default() }).unwrap();
    assert!(boosted.trees() == 0 && boosted.raw(&flat, 1).unwrap() == [0.0; 4]);
}

#[test]
fn a_person_falls_on_the_same_side_whoever_else_is_there() {
    assert_eq!(hash_id("42"), hash_id("42"));
    let shares: f64 = (0..10_000).map(|i| f64::from(u8::from(place(hash_id(&i.to_string()), 7) < 0.2))).sum();
    assert!((1_800.0..2_200.0).contains(&shares), "{shares}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    #[test]
    fn scores_are_judged_by_their_order_only(values in prop::collection::vec((-20_i16..20, any::<bool>()), 2..60)) {
        let target: Vec<bool> = values.iter().map(|v| v.1).collect();
        prop_assume!(target.iter().any(|t| *t) && target.iter().any(|t| !*t));
        let scores: Vec<f32> = values.iter().map(|v| f32::from(v.0)).collect();
        let one = auc(&scores, &target).unwrap();
        let grown: Vec<f32> = scores.iter().map(|s| s * 3.0 + 7.0).collect();
        prop_assert!((auc(&grown, &target).unwrap() - one).abs() < 1e-12);
        let turned: Vec<f32> = scores.iter().map(|s| -s).collect();
        prop_assert!((auc(&turned, &target).unwrap() + one - 1.0).abs() < 1e-12);
        let Calibration::Isotonic { scores: x, probabilities: y } = isotonic(&scores, &target).unwrap() else { panic!() };
        prop_assert!(x.windows(2).all(|w| w[0] < w[1]) && y.windows(2).all(|w| w[0] <= w[1]));
    }

    #[test]
    fn order_of_people_changes_no_coefficient(seed in any::<u64>()) {
        let (features, target, _) = people(300, seed);
        let back: Vec<u32> = (0..300).rev().collect();
        let turned = features.take(&back);
        let target_back: Vec<bool> = target.iter().rev().copied().collect();
        let (a, b) = (Logistic::fit(&features, &target, &LogisticOptions::default()), Logistic::fit(&turned, &target_back, &LogisticOptions::default()));
        if let (Ok(a), Ok(b)) = (a, b) {
            for (x, y) in a.terms.iter().zip(&b.terms) {
                prop_assert!((x.coefficient - y.coefficient).abs() < 1e-6);
            }
        }
        let boost = BoostOptions { patience: 0, rounds: 5, ..BoostOptions::default() };
        if let (Ok(a), Ok(b)) = (BoostedTrees::fit(&features, &target, &boost), BoostedTrees::fit(&turned, &target_back, &boost)) {
            for (x, y) in a.raw(&features, 1).unwrap().iter().zip(b.raw(&features, 1).unwrap()) {
                prop_assert!((x - y).abs() < 1e-3);
            }
        }
    }
}
