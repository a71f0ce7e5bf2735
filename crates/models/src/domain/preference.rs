//! What somebody likes now: each act counts less the older it is, halving after a half-life.

use serde::{Deserialize, Serialize};

use super::require;
use crate::kernel::{Error, Result};

/// One act of one person: a view, a purchase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    pub person: u32,
    pub item: u32,
    /// Days ago.
    pub age: f32,
    pub weight: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    pub person: u32,
    pub item: u32,
    /// The weight that is left of all acts.
    pub strength: f64,
    /// Of the person's whole strength, also that of items not listed.
    pub share: f64,
}

/// `strength` after `days` more.
pub fn decayed(strength: f64, days: f64, half_life: f64) -> f64 {
    strength * (-days / half_life).exp2()
}

/// Each person's strongest items, at most `top`, the strongest first; people in order.
/// What is left of a person below `least` (an act of weight 1 today is 1) says too little and is left out.
pub fn preferences(acts: &[Act], half_life: f64, top: usize, least: f64) -> Result<Vec<Preference>> {
    require(half_life.is_finite() && half_life > 0.0, "half_life", "days above 0")?;
    if let Some(row) = acts.iter().position(|a| !(a.age.is_finite() && a.weight.is_finite() && a.age >= 0.0 && a.weight >= 0.0)) {
        let detail = format!("row {row}: {:?}: age and weight are numbers that are not negative", acts[row]);
        return Err(Error::invalid("models.value_not_finite", detail).param("row", row));
    }
    let mut order: Vec<u32> = (0..acts.len() as u32).collect();
    let key = |i: &u32| {
        let a = &acts[*i as usize];
        (a.person, a.item, a.age.to_bits(), a.weight.to_bits())
    };
    order.sort_unstable_by_key(key);
    let mut out: Vec<Preference> = Vec::new();
    for own in order.chunk_by(|a, b| acts[*a as usize].person == acts[*b as usize].person) {
        let start = out.len();
        for same in own.chunk_by(|a, b| acts[*a as usize].item == acts[*b as usize].item) {
            let act = acts[same[0] as usize];
            let strength = same.iter().map(|i| &acts[*i as usize]).map(|a| decayed(f64::from(a.weight), f64::from(a.age), half_life)).sum();
            out.push(Preference { person: act.person, item: act.item, strength, share: 0.0 });
        }
        let total: f64 = out[start..].iter().map(|p| p.strength).sum();
        if total <= 0.0 || total < least {
            out.truncate(start);
            continue;
        }
        out[start..].iter_mut().for_each(|p| p.share = p.strength / total);
        out[start..].sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.item.cmp(&b.item)));
        out.truncate(start + top);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(person: u32, item: u32, age: f32) -> Act {
        Act { person, item, age, weight: 1.0 }
    }

    #[test]
    fn an_act_halves_with_every_half_life() {
        let acts = [act(1, 7, 30.0), act(0, 5, 0.0), act(1, 8, 0.0), act(1, 7, 0.0), act(2, 5, 3000.0)];
        let found = preferences(&acts, 30.0, 10, 0.01).unwrap();
        let told: Vec<_> = found.iter().map(|p| (p.person, p.item, p.strength, p.share)).collect();
        assert_eq!(told, [(0, 5, 1.0, 1.0), (1, 7, 1.5, 0.6), (1, 8, 1.0, 0.4)]);
        assert_eq!(preferences(&acts, 30.0, 1, 0.01).unwrap()[1].share, 0.6);
        let turned: Vec<Act> = acts.iter().rev().copied().collect();
        assert_eq!(preferences(&turned, 30.0, 10, 0.01).unwrap(), found);
        assert!((decayed(8.0, 90.0, 30.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(preferences(&[act(0, 0, -1.0)], 30.0, 1, 0.0).is_err());
        assert!(preferences(&[], 0.0, 1, 0.0).is_err());
        assert!(preferences(&[], 1.0, 1, 0.0).unwrap().is_empty());
    }
}
