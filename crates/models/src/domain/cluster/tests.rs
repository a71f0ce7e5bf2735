use proptest::prelude::*;

use super::*;

/// `k` round heaps, far from each other.
fn heaps(k: usize, each: usize, seed: u64) -> (Features, Vec<u32>) {
    let mut dice = Dice::new(seed);
    let (mut x, mut y, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..k * each {
        let j = i % k;
        let noise = |dice: &mut Dice| (0..4).map(|_| dice.unit() - 0.5).sum::<f64>() as f32;
        x.push((j % 3) as f32 * 10.0 + noise(&mut dice));
        y.push((j / 3) as f32 * 10.0 + noise(&mut dice));
        truth.push(j as u32);
    }
    (Features::new(k * each).numbers("x", x).unwrap().numbers("y", y).unwrap(), truth)
}

fn matrix(features: &Features) -> Matrix {
    Preparation::fit(features, &PrepareOptions::default()).unwrap().apply(features).unwrap()
}

fn options(k: usize) -> ClusterOptions {
    ClusterOptions { k, ..ClusterOptions::default() }
}

#[test]
fn heaps_are_found_and_new_people_assigned() {
    let (features, truth) = heaps(5, 200, 3);
    let (model, found) = Segmentation::fit(&features, &PrepareOptions::default(), &options(5)).unwrap();
    assert!((adjusted_rand_index(&found.labels, &truth).unwrap() - 1.0).abs() < 1e-12);
    assert_eq!((found.model.sizes.as_slice(), found.has_converged), ([200; 5].as_slice(), true));
    assert_eq!(model.assign(&features, 2).unwrap(), found.labels);
    assert_eq!(Segmentation::fit_in_place(features.clone(), &PrepareOptions::default(), &options(5)).unwrap(), (model.clone(), found.clone()));
    let new = Features::new(1).numbers("x", vec![20.2]).unwrap().numbers("y", vec![0.1]).unwrap();
    assert_eq!(model.assign(&new, 1).unwrap()[0], found.labels[2]);
    assert_eq!(model.assign(&Features::new(1), 1).unwrap_err().code, "models.column_unknown");
}

#[test]
fn the_number_of_threads_and_the_sample_change_nothing_that_matters() {
    let (features, truth) = heaps(4, 20_000, 9);
    let m = matrix(&features);
    let one = kmeans(&m, &ClusterOptions { threads: 1, sample: 3_000, ..options(4) }).unwrap();
    let two = kmeans(&m, &ClusterOptions { threads: 3, sample: 3_000, ..options(4) }).unwrap();
    assert_eq!(one, two);
    assert!((adjusted_rand_index(&one.labels, &truth).unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn bounds_give_what_looking_at_everything_gives() {
    let mut dice = Dice::new(5);
    let columns: Vec<Vec<f32>> = (0..6).map(|_| (0..5_000).map(|_| dice.unit() as f32).collect()).collect();
    let features = columns.into_iter().enumerate().fold(Features::new(5_000), |f, (i, c)| f.numbers(format!("c{i}"), c).unwrap());
    let m = matrix(&features);
    let found = kmeans(&m, &ClusterOptions { tolerance: 0.0, runs: 1, ..options(9) }).unwrap();
    assert!(found.has_converged);
    // At rest: everybody is with her nearest centre, and each centre is its people's mean.
    assert_eq!(found.model.assign(&m, 2).unwrap(), found.labels);
    for j in 0..9 {
        for (d, mean) in found.model.prototypes.mean(j).iter().enumerate() {
            let own: Vec<f64> = m.numbers[d].iter().zip(&found.labels).filter(|(_, l)| **l as usize == j).map(|(v, _)| f64::from(*v)).collect();
            assert!((own.iter().sum::<f64>() / own.len() as f64 - f64::from(*mean)).abs() < 1e-5);
        }
    }
}

#[test]
fn categories_count_in_a_mixed_clustering() {
    let n = 400;
    let city: Vec<Option<&str>> = (0..n).map(|i| Some(if i % 4 < 2 { "上海" } else { "北京" })).collect();
    let channel: Vec<Option<&str>> = (0..n).map(|i| Some(if i % 4 < 2 { "app" } else { "shop" })).collect();
    let spend: Vec<f32> = (0..n).map(|i| if i % 2 == 0 { 1.0 } else { 9.0 } + (i % 7) as f32 * 0.01).collect();
    let features = Features::new(n).numbers("spend", spend).unwrap().categories("city", city).unwrap().categories("channel", channel).unwrap();
    let m = matrix(&features);
    let found = kprototypes(&m, &ClusterOptions { gamma: Some(2.0), ..options(4) }).unwrap();
    assert_eq!(found.model.sizes, [100; 4]);
    let truth: Vec<u32> = (0..n as u32).map(|i| i % 4).collect();
    assert!((adjusted_rand_index(&found.labels, &truth).unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(kmeans(&m, &options(4)).unwrap_err().code, "models.column_kind");
    let profiles = profile(&features, &found.labels, 2).unwrap();
    assert!(profiles.iter().all(|p| p.people == 100 && p.telling.iter().any(|t| t.feature == "spend")));
    assert!(profiles.iter().all(|p| p.telling.iter().any(|t| t.sign == Sign::MoreOften && t.value.is_some())));
}

#[test]
fn fewer_different_people_than_clusters_give_fewer_clusters() {
    let features = Features::new(6).numbers("x", vec![1.0, 1.0, 2.0, 2.0, 3.0, 3.0]).unwrap();
    let found = kmeans(&matrix(&features), &options(5)).unwrap();
    assert_eq!((found.model.k(), found.model.sizes.as_slice()), (3, [2, 2, 2].as_slice()));
    assert!(found.cost < 1e-9);
}

#[test]
fn a_cluster_that_loses_everybody_begins_again() {
    let m = matrix(&Features::new(5).numbers("x", vec![0.0, 0.1, 10.0, 10.1, 20.0]).unwrap());
    let begin = Prototypes { k: 3, gamma: 0.0, means: vec![0.0, 90.0, 91.0], modes: Vec::new() };
    let end = descent::descend(&Points::of(&m), begin, 100, 0.0, 1);
    assert!(end.sizes.iter().all(|n| *n > 0) && end.cost < 0.01, "{:?} {}", end.sizes, end.cost);
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let features = Features::new(3).numbers("x", vec![1.0, 2.0, 3.0]).unwrap();
    let m = matrix(&features);
    for wrong in [options(0), ClusterOptions { runs: 0, ..options(2) }, ClusterOptions { gamma: Some(f32::NAN), ..options(2) }] {
        assert_eq!(kmeans(&m, &wrong).unwrap_err().code, "models.option_out_of_range");
    }
    assert_eq!(kmeans(&Matrix::default(), &options(2)).unwrap_err().code, "models.no_rows");
    let same = Features::new(3).numbers("x", vec![1.0; 3]).unwrap();
    assert_eq!(kmeans(&matrix(&same), &options(2)).unwrap_err().code, "models.no_columns");
}

#[test]
fn k_is_recommended_with_its_figures() {
    let (features, _) = heaps(6, 150, 11);
    let choice = choose_k(&matrix(&features), &ChoiceOptions { to: 9, ..ChoiceOptions::default() }).unwrap();
    assert_eq!((choice.recommended, choice.structure), (6, Structure::Strong));
    assert!(choice.elbow.is_some());
    assert_eq!(choice.scores.len(), 8);
    assert!(choice.scores.windows(2).all(|w| w[1].cost <= w[0].cost));
    let mut dice = Dice::new(2);
    let flat = Features::new(2_000).numbers("x", (0..2_000).map(|_| dice.unit() as f32).collect()).unwrap();
    let flat = (0..5).fold(flat, |f, i| f.numbers(format!("n{i}"), (0..2_000).map(|_| dice.unit() as f32).collect()).unwrap());
    assert_eq!(choose_k(&matrix(&flat), &ChoiceOptions::default()).unwrap().structure, Structure::None);
}

#[test]
fn the_bend_of_a_curve_is_found() {
    let curve: Vec<(f64, f64)> = [(1.0, 100.0), (2.0, 50.0), (3.0, 20.0), (4.0, 18.0), (5.0, 16.0)].into();
    assert_eq!(elbow(&curve), Some(2));
    assert_eq!(elbow(&curve[..2]), None);
    assert_eq!(elbow(&[(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]), None);
    assert_eq!(elbow(&[(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]), None);
}

#[test]
fn clear_clusters_are_stable_and_noise_is_not() {
    let (features, _) = heaps(4, 100, 1);
    let how = StabilityOptions { bootstraps: 10, reseedings: 4, sample: 400 };
    let clear = stability(&matrix(&features), &options(4), &how).unwrap();
    assert!(clear.jaccard.iter().all(|j| *j > 0.99) && clear.jaccard.len() == 4, "{clear:?}");
    let mut dice = Dice::new(2);
    let noise = (0..8).fold(Features::new(400), |f, i| f.numbers(format!("n{i}"), (0..400).map(|_| dice.unit() as f32).collect()).unwrap());
    let noise = stability(&matrix(&noise), &options(6), &how).unwrap();
    assert!(noise.jaccard.iter().all(|j| *j < 0.6) && noise.adjusted_rand < 0.6, "{noise:?}");
}

#[test]
fn agreement_is_counted_beyond_chance() {
    assert!((adjusted_rand_index(&[0, 0, 1, 1], &[1, 1, 0, 0]).unwrap() - 1.0).abs() < 1e-12);
    // By hand: pairs together 1 of 2 and 2; expected 2·2/6 … (Hubert and Arabie, formula 5).
    assert!((adjusted_rand_index(&[0, 0, 1, 2], &[0, 0, 1, 1]).unwrap() - 4.0 / 7.0).abs() < 1e-12);
    assert!((adjusted_rand_index(&[0, 0], &[0, 0]).unwrap() - 1.0).abs() < 1e-12);
    assert!(adjusted_rand_index(&[0], &[0, 1]).is_err());
    assert!((adjusted_rand_index(&[], &[]).unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn a_profile_says_what_sets_a_cluster_apart() {
    let features = Features::new(6).known_numbers("spend", [Some(1.0), Some(2.0), None, Some(10.0), Some(11.0), Some(12.0)]).unwrap();
    let features = features.categories("city", [Some("a"), Some("a"), Some("b"), Some("b"), Some("b"), None]).unwrap();
    let profiles = profile(&features, &[0, 0, 0, 1, 1, 1], 1).unwrap();
    let FeatureProfile::Number { mean, median, missing, effect, overall_mean, .. } = &profiles[0].features[0] else { panic!() };
    assert_eq!((*mean, *median, *missing, *effect, *overall_mean), (Some(1.5), Some(1.5), 1, Some(-1.0), Some(7.2)));
    let FeatureProfile::Category { values, missing, .. } = &profiles[1].features[1] else { panic!() };
    let b = values.iter().find(|v| v.value == "b").unwrap();
    assert_eq!((b.people, b.share, b.overall_share, *missing), (2, 1.0, 0.6, 1));
    assert!((b.effect - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!((profiles[1].telling[0].feature.as_str(), profiles[1].telling[0].sign), ("spend", Sign::Higher));
    assert!(profile(&features, &[0], 1).is_err());
    assert!(profile(&Features::new(0), &[], 1).unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Quality and profile do not depend on the order of people; everybody is with her nearest centre.
    #[test]
    fn order_changes_nothing(values in prop::collection::vec((-100.0_f32..100.0, -1.0_f32..1.0), 8..60), k in 1_usize..5, seed in any::<u64>()) {
        let n = values.len();
        let of = |order: &[usize]| Features::new(n).numbers("a", order.iter().map(|i| values[*i].0).collect()).unwrap()
            .numbers("b", order.iter().map(|i| values[*i].1).collect()).unwrap();
        let forward: Vec<usize> = (0..n).collect();
        let m = matrix(&of(&forward));
        let found = kmeans(&m, &ClusterOptions { seed, runs: 2, ..options(k) }).unwrap();
        prop_assert_eq!(&found.model.assign(&m, 1).unwrap(), &found.labels);
        prop_assert_eq!(found.model.sizes.iter().sum::<u64>(), n as u64);
        prop_assert!(found.model.sizes.windows(2).all(|w| w[0] >= w[1]));
        let backward: Vec<usize> = (0..n).rev().collect();
        let turned = matrix(&of(&backward));
        let labels: Vec<u32> = backward.iter().map(|i| found.labels[*i]).collect();
        let (a, b) = (quality(&m, &found.labels, 0.0, n, 0, 1).unwrap(), quality(&turned, &labels, 0.0, n, 0, 2).unwrap());
        for (a, b) in [(a.silhouette, b.silhouette), (a.calinski_harabasz, b.calinski_harabasz), (a.davies_bouldin, b.davies_bouldin)] {
            prop_assert_eq!(a.is_some(), b.is_some());
            prop_assert!((a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() <= 1e-4 * a.unwrap_or(0.0).abs() + 1e-6);
        }
        let one = profile(&of(&forward), &found.labels, 1).unwrap();
        let other = profile(&of(&backward), &labels, 1).unwrap();
        for (a, b) in one.iter().zip(&other) {
            prop_assert_eq!(a.people, b.people);
            for (a, b) in a.telling.iter().zip(&b.telling) {
                prop_assert!((a.effect - b.effect).abs() < 1e-9);
            }
        }
    }
}
