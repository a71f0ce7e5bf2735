//! One hash everywhere, without keys: the same input gives the same result on every machine and after every restart.

use std::hash::{BuildHasherDefault, Hasher};

/// Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014): seeds, samples and the mixing of keys.
#[inline]
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Eight bytes at a time.
#[inline]
pub(crate) fn of_bytes(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(8);
    let mut hash = bytes.len() as u64;
    for word in &mut words {
        hash = mix(hash ^ word.iter().fold(0, |all, b| (all << 8) | u64::from(*b)));
    }
    mix(hash ^ words.remainder().iter().fold(0, |all, b| (all << 8) | u64::from(*b)))
}

/// A map whose keys are small numbers.
pub(crate) type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Mixer>>;

#[derive(Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = mix(self.0 ^ of_bytes(bytes));
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = mix(self.0 ^ mix(value as u64) ^ (value >> 64) as u64);
    }
}
