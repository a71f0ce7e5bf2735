use proptest::prelude::*;

use super::super::random::Dice;
use super::*;

fn plain(max_depth: usize, min_leaf: usize) -> TreeOptions {
    TreeOptions { max_depth, min_leaf, pruning: Pruning::None, ..TreeOptions::default() }
}

#[test]
fn a_split_reckoned_by_hand() {
    let features = Features::new(6).numbers("age", vec![20.0, 25.0, 30.0, 40.0, 50.0, 60.0]).unwrap();
    let target = Target::yes_no([false, false, false, true, true, false]);
    let tree = Tree::fit(&features, &target, &plain(1, 1)).unwrap();
    let root = &tree.nodes[0];
    // Gini of 4:2 is 4/9; after cutting at 35: 3:0 and 1:2, so 6·4/9 − 0 − 3·4/9 = 4/3.
    assert!((root.impurity - 4.0 / 9.0).abs() < 1e-12);
    assert_eq!(root.branch.as_ref().unwrap().split, Split::Number { threshold: 35.0 });
    assert_eq!(tree.nodes[2].counts, [1, 2]);
    let rules = tree.rules(1, 0.95).unwrap();
    assert_eq!(rules[0].conditions, [Condition { feature: "age".into(), test: Test::MoreThan { more_than: 35.0 }, or_unknown: false }]);
    assert_eq!((rules[0].people, rules[0].share, rules[0].lift), (3, 0.5, Some(2.0)));
    // Wilson for 2 of 3, by hand with z = 1.96: (2 + 1.92) / (3 + 3.84) ± …
    let interval = rules[0].interval.unwrap();
    assert!((interval.low - 0.2077).abs() < 1e-3 && (interval.high - 0.9385).abs() < 1e-3, "{interval:?}");
    assert_eq!(tree.importance(), [("age".to_owned(), 1.0)]);
}

#[test]
fn intervals_are_merged_and_the_unknown_go_where_they_serve() {
    let known = (0..100).map(|i| if i % 10 == 9 { None } else { Some(i as f32) });
    let features = Features::new(100).known_numbers("x", known).unwrap();
    // Yes between 30 and 60, and of those who are not known.
    let target = Target::yes_no((0..100).map(|i| (30..60).contains(&i) || i % 10 == 9));
    let tree = Tree::fit(&features, &target, &plain(3, 1)).unwrap();
    let rules = tree.rules(1, 0.9).unwrap();
    let best = &rules[0];
    assert_eq!(best.conditions, [Condition { feature: "x".into(), test: Test::Between { more_than: 29.0, most: 59.0 }, or_unknown: true }]);
    assert_eq!((best.people, best.value), (37, 1.0));
    assert_eq!(rules.iter().map(|r| r.people).sum::<u64>(), 100);
    let predicted = tree.predict(&features, 1, 2).unwrap();
    assert!((0..100).all(|i| (predicted[i] > 0.5) == ((30..60).contains(&i) || i % 10 == 9)));
}

#[test]
fn categories_are_cut_in_the_order_of_their_target() {
    let names = ["a", "b", "c", "d"];
    let values: Vec<Option<&str>> = (0..400).map(|i| Some(names[i % 4])).collect();
    let features = Features::new(400).categories("city", values).unwrap();
    let target = Target::Numbers((0..400).map(|i| [5.0, 1.0, 5.1, 1.1][i % 4]).collect());
    let tree = Tree::fit(&features, &target, &plain(1, 1)).unwrap();
    assert_eq!(tree.nodes[0].branch.as_ref().unwrap().split, Split::Category { left: vec![1, 3], right: vec![0, 2] });
    let rules = tree.rules(0, 0.95).unwrap();
    assert_eq!(rules[0].conditions[0].test, Test::OneOf { values: vec!["a".into(), "c".into()] });
    assert!((rules[0].value - 5.05).abs() < 1e-12);
    // A city nobody had goes where more people went, and other codes mean the same names.
    let new = Features::new(2).codes("city", vec![0, 1], vec!["z".into(), "c".into()]).unwrap();
    let predicted = tree.predict(&new, 0, 1).unwrap();
    assert!((predicted[0] - 1.05).abs() < 1e-12 && (predicted[1] - 5.05).abs() < 1e-12, "{predicted:?}");
    let three = Target::classes(&(0..400).map(|i| ["x", "y", "z", "z"][i % 4]).collect::<Vec<_>>());
    assert_eq!(Tree::fit(&features, &three, &plain(2, 1)).unwrap().leaves(), 3);
}

#[test]
fn only_the_unknown_differ() {
    let features = Features::new(40).known_numbers("x", (0..40).map(|i| (i % 2 == 0).then_some((i % 7) as f32))).unwrap();
    let tree = Tree::fit(&features, &Target::yes_no((0..40).map(|i| i % 2 == 1)), &plain(3, 1)).unwrap();
    let rules = tree.rules(1, 0.95).unwrap();
    let tests: Vec<_> = rules.iter().map(|r| r.conditions[0].test.clone()).collect();
    assert_eq!(tests, [Test::Unknown, Test::Known]);
    assert!(rules.iter().all(|r| !r.conditions[0].or_unknown));
}

#[test]
fn noise_is_pruned_away_and_what_holds_stays() {
    let mut dice = Dice::new(4);
    let n = 2_000;
    let x: Vec<f32> = (0..n).map(|_| dice.unit() as f32).collect();
    let noise: Vec<f32> = (0..n).map(|_| dice.unit() as f32).collect();
    let target = Target::yes_no(x.iter().map(|x| dice.unit() < if *x > 0.6 { 0.8 } else { 0.1 }).collect::<Vec<_>>());
    let features = Features::new(n).numbers("x", x).unwrap().numbers("noise", noise).unwrap();
    let full = Tree::fit(&features, &target, &plain(8, 5)).unwrap();
    let pruned = Tree::fit(&features, &target, &TreeOptions { pruning: TreeOptions::default().pruning, ..plain(8, 5) }).unwrap();
    assert!(full.leaves() > 50 && pruned.leaves() == 2, "{} {}", full.leaves(), pruned.leaves());
    assert!(pruned.validated.as_ref().unwrap().tried.len() > 3);
    let path = full.pruning_path();
    assert!(path.windows(2).all(|w| w[1].alpha > w[0].alpha && w[1].leaves < w[0].leaves && w[1].impurity >= w[0].impurity));
    assert_eq!(path.last().unwrap().leaves, 1);
    assert_eq!(full.pruned(path[1].alpha).leaves(), path[1].leaves);
    assert_eq!(full.pruned(f64::MAX).nodes.len(), 1);
}

#[test]
fn few_can_be_made_to_count() {
    let n = 1_000;
    let features = Features::new(n).numbers("x", (0..n).map(|i| (i % 10) as f32).collect()).unwrap();
    let target = Target::yes_no((0..n).map(|i| i % 10 == 9 && i % 40 == 9));
    let equal = Tree::fit(&features, &target, &plain(2, 10)).unwrap();
    let weighted = Tree::fit(&features, &target, &TreeOptions { class_weights: ClassWeights::Balanced, ..plain(2, 10) }).unwrap();
    let most = |tree: &Tree| tree.predict(&features, 1, 1).unwrap().into_iter().fold(0.0, f64::max);
    assert!(most(&equal) < 0.3 && most(&weighted) > 0.9);
    // A rule tells people as they are.
    assert!((weighted.rules(1, 0.95).unwrap()[0].value - 0.25).abs() < 1e-12);
    assert!((weighted.nodes[0].impurity - 0.5).abs() < 1e-9);
}

#[test]
fn bins_and_sorting_lead_to_the_same_leaves() {
    let n = 60_000;
    let mut dice = Dice::new(8);
    let x: Vec<f32> = (0..n).map(|_| (dice.unit() * 200.0).floor() as f32).collect();
    let y: Vec<f64> = x.iter().map(|x| if *x > 49.0 { 3.0 } else { 0.0 } + if *x > 150.0 { 1.0 } else { 0.0 }).collect();
    let features = Features::new(n).numbers("x", x).unwrap();
    let tree = Tree::fit(&features, &Target::Numbers(y.clone()), &plain(4, 1)).unwrap();
    assert_eq!(tree.leaves(), 3);
    assert_eq!(tree.nodes[0].branch.as_ref().unwrap().split, Split::Number { threshold: 49.5 });
    assert!(tree.predict(&features, 0, 2).unwrap().iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-9));
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    let features = Features::new(2).numbers("x", vec![1.0, 2.0]).unwrap();
    let fit = |features: &Features, target: &Target| Tree::fit(features, target, &plain(2, 1)).unwrap_err().code;
    assert_eq!(fit(&features, &Target::yes_no([true, true])), "models.one_class");
    assert_eq!(fit(&features, &Target::yes_no([true])), "models.length_differs");
    assert_eq!(fit(&features, &Target::Numbers(vec![1.0, f64::NAN])), "models.value_not_finite");
    assert_eq!(fit(&Features::new(0), &Target::Numbers(Vec::new())), "models.no_rows");
    assert_eq!(fit(&Features::new(1), &Target::Numbers(vec![1.0])), "models.no_columns");
    let wrong = TreeOptions { class_weights: ClassWeights::Given(vec![1.0]), ..plain(2, 1) };
    assert_eq!(Tree::fit(&features, &Target::yes_no([true, false]), &wrong).unwrap_err().code, "models.option_out_of_range");
    // Constant and wholly unknown columns, and a constant target, split nothing.
    let flat = Features::new(4).numbers("same", vec![1.0; 4]).unwrap().known_numbers("gone", [None; 4]).unwrap();
    assert_eq!(Tree::fit(&flat, &Target::yes_no([true, false, true, false]), &plain(3, 1)).unwrap().nodes.len(), 1);
    let x = Features::new(3).numbers("x", vec![1.0, 2.0, 3.0]).unwrap();
    assert_eq!(Tree::fit(&x, &Target::Numbers(vec![7.0; 3]), &plain(3, 1)).unwrap().nodes.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn order_and_scale_change_nothing(
        people in prop::collection::vec((prop::option::weighted(0.9, -50_i32..50), 0_u32..4, any::<bool>()), 4..80), by in 1_i32..9, depth in 1_usize..5,
    ) {
        prop_assume!(people.iter().any(|p| p.2) && people.iter().any(|p| !p.2));
        let fit = |order: &[usize], scale: f32| {
            let features = Features::new(people.len()).known_numbers("x", order.iter().map(|i| people[*i].0.map(|v| v as f32 * scale))).unwrap()
                .categories("c", order.iter().map(|i| Some(["a", "b", "c", "d"][people[*i].1 as usize]))).unwrap();
            let target = Target::yes_no(order.iter().map(|i| people[*i].2));
            let tree = Tree::fit(&features, &target, &plain(depth, 2)).unwrap();
            let predicted = tree.predict(&features, 1, 1).unwrap();
            (tree, predicted)
        };
        let forward: Vec<usize> = (0..people.len()).collect();
        let backward: Vec<usize> = forward.iter().rev().copied().collect();
        let (tree, one) = fit(&forward, 1.0);
        let (turned, other) = fit(&backward, 1.0);
        prop_assert_eq!(&tree.nodes.len(), &turned.nodes.len());
        for (a, b) in one.iter().zip(other.iter().rev()) {
            prop_assert!((a - b).abs() < 1e-9);
        }
        let (_, scaled) = fit(&forward, by as f32);
        for (a, b) in one.iter().zip(&scaled) {
            prop_assert!((a - b).abs() < 1e-9);
        }
        // Leaves part the people, and rules say so.
        let rules = tree.rules(1, 0.95).unwrap();
        prop_assert_eq!(rules.iter().map(|r| r.people).sum::<u64>(), people.len() as u64);
        prop_assert!(rules.iter().all(|r| r.people >= 2 || rules.len() == 1));
        let explained: f64 = tree.importance().iter().map(|i| i.1).sum();
        prop_assert!((explained - f64::from(u8::from(rules.len() > 1))).abs() < 1e-9);
    }
}
