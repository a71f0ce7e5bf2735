//! The metrics beside published values, and beside the plainest way to compute them.

use proptest::prelude::*;
use weft_linkage::metrics::{Scratch, days, equal_date_parts, is_day_month_swapped, token_dice};

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 5e-4
}

/// Winkler, String comparator metrics and enhanced decision rules (1990), and The state of record linkage (1999), table of examples.
#[test]
fn jaro_winkler_as_winkler_prints_it() {
    let mut scratch = Scratch::default();
    let cases = [
        ("shackleford", "shackelford", 0.970, 0.982),
        ("dunningham", "cunnigham", 0.896, 0.896),
        ("nichleson", "nichulson", 0.926, 0.956),
        ("jones", "johnson", 0.790, 0.832),
        ("massey", "massie", 0.889, 0.933),
        ("abroms", "abrams", 0.889, 0.922),
        ("jeraldine", "geraldine", 0.926, 0.926),
        ("marhta", "martha", 0.944, 0.961),
        ("michelle", "michael", 0.869, 0.921),
        ("julies", "julius", 0.889, 0.933),
        ("dwayne", "duane", 0.822, 0.840),
        ("dixon", "dickson", 0.790, 0.832),
        ("dixon", "dicksonx", 0.767, 0.813),
    ];
    for (a, b, jaro, winkler) in cases {
        assert!(close((scratch.jaro(a, b) * 1e3).round() / 1e3, jaro), "{a} {b}: {}", scratch.jaro(a, b));
        assert!((scratch.jaro_winkler(a, b) - winkler).abs() < 1.1e-3, "{a} {b}: {}", scratch.jaro_winkler(a, b));
    }
    assert!(close(scratch.jaro_winkler("王小明", "王小名"), 0.7778 + 0.2 * 0.2222));
}

/// Wagner and Fischer (1974), Navarro, A guided tour to approximate string matching (2001), and Damerau's four kinds of errors.
#[test]
fn edit_distances_as_printed() {
    let mut scratch = Scratch::default();
    for (a, b, levenshtein, damerau) in [
        ("kitten", "sitting", 3, 3),
        ("survey", "surgery", 2, 2),
        ("saturday", "sunday", 3, 3),
        ("ab", "ba", 2, 1),
        ("ca", "abc", 3, 3),
        ("", "abc", 3, 3),
        ("19560409", "19560490", 2, 1),
        ("张伟明", "张明伟", 2, 1),
        ("张伟", "zhang", 5, 5),
    ] {
        assert_eq!((scratch.levenshtein(a, b), scratch.damerau(a, b)), (levenshtein, damerau), "{a} {b}");
    }
}

#[test]
fn words_in_any_order() {
    let mut scratch = Scratch::default();
    assert!(close(token_dice(&mut scratch, "12 high street", "high street 12"), 1.0));
    assert!(close(token_dice(&mut scratch, "12 high street", "14 high street"), 2.0 / 3.0));
    assert!(token_dice(&mut scratch, "上海市浦东新区世纪大道88号", "浦东新区世纪大道88号") > 0.8);
    assert!(token_dice(&mut scratch, "上海市浦东新区世纪大道88号", "北京市朝阳区建国路10号") < 0.2);
    assert!(close(token_dice(&mut scratch, "", ""), 0.0));
}

#[test]
fn days_of_the_calendar() {
    for (text, number) in [("19700101", 0), ("19691231", -1), ("20000229", 11_016), ("16000101", -135_140), ("20261122", 20_779)] {
        assert_eq!(days(text), Some(number), "{text}");
    }
    assert!(["19000229", "20011301", "20010100", "2001010", "abcdefgh"].iter().all(|text| days(text).is_none()));
    assert!(is_day_month_swapped("19900201", "19900102"));
    assert_eq!((equal_date_parts("19900201", "19900102"), equal_date_parts("19900201", "19910201")), (1, 2));
}

/// The whole matrix.
fn plain_distance(a: &[char], b: &[char], swaps: bool) -> usize {
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            d[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let mut least = (d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1])).min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                if swaps && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(d[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    d[a.len()][b.len()]
}

fn plain_jaro(a: &[char], b: &[char]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut used, mut of_a) = (vec![false; b.len()], Vec::new());
    for (i, c) in a.iter().enumerate() {
        if let Some(j) = (0..b.len()).find(|&j| !used[j] && b[j] == *c && i.abs_diff(j) <= window) {
            used[j] = true;
            of_a.push(*c);
        }
    }
    let of_b: Vec<char> = b.iter().zip(&used).filter(|(_, used)| **used).map(|(c, _)| *c).collect();
    let (m, exchanged) = (of_a.len() as f64, of_a.iter().zip(&of_b).filter(|(x, y)| x != y).count() / 2);
    if of_a.is_empty() { 0.0 } else { (m / a.len() as f64 + m / b.len() as f64 + (m - exchanged as f64) / m) / 3.0 }
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn fast_ones_agree_with_plain_ones(a in "[abc]{0,12}|[a-d王李张伟]{0,10}|[ab]{55,90}|[a-z]{60,70}", b in "[abc]{0,12}|[a-d王李张伟]{0,10}|[ab]{55,90}|[a-z]{60,70}") {
        let mut scratch = Scratch::default();
        let (x, y) = (letters(&a), letters(&b));
        prop_assert_eq!(scratch.levenshtein(&a, &b), plain_distance(&x, &y, false));
        prop_assert_eq!(scratch.damerau(&a, &b), plain_distance(&x, &y, true));
        prop_assert!((scratch.jaro(&a, &b) - plain_jaro(&x, &y)).abs() < 1e-12);
    }

    #[test]
    fn a_metric_is_what_it_should_be(a in "[a-e]{0,20}", b in "[a-e]{0,20}", c in "[a-e]{0,20}") {
        let mut s = Scratch::default();
        prop_assert_eq!(s.levenshtein(&a, &a), 0);
        prop_assert_eq!(s.levenshtein(&a, &b), s.levenshtein(&b, &a));
        prop_assert!(s.levenshtein(&a, &c) <= s.levenshtein(&a, &b) + s.levenshtein(&b, &c));
        prop_assert!(s.damerau(&a, &b) <= s.levenshtein(&a, &b));
        prop_assert!((0.0..=1.0 + 1e-12).contains(&s.jaro_winkler(&a, &b)));
        prop_assert!(s.jaro_winkler(&a, &b) + 1e-12 >= s.jaro(&a, &b));
        prop_assert!((token_dice(&mut s, &a, &b) - token_dice(&mut s, &b, &a)).abs() < 1e-12);
    }
}
