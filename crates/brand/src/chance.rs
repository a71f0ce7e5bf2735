//! Chances that are the same on every machine and in every version.

/// SplitMix64 (Steele, Lea and Flood 2014). Small enough that its numbers will never change under us,
/// as those of a library may.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A stream of its own for each seed and path: `[person, purpose]`.
    pub fn new(seed: u64, path: &[u64]) -> Self {
        let mut chance = Self(seed);
        for step in path {
            chance.0 = chance.next() ^ step.wrapping_mul(0xd134_2543_de82_ef95);
        }
        chance
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// At least 0, less than 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
    pub fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
    /// At least 0, less than `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
    /// A gamma of shape 2: waiting times that are seldom very short.
    pub fn gamma_two(&mut self, mean: f64) -> f64 {
        self.exponential(mean / 2.0) + self.exponential(mean / 2.0)
    }
    /// How often something happens that is expected `mean` times.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let mut left = mean;
        let mut count = 0;
        // Waiting times of mean one until the time is up: exact, and fast enough for some hundreds.
        loop {
            left -= self.exponential(1.0);
            if left < 0.0 {
                return count;
            }
            count += 1;
        }
    }
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }
    /// An index, each as likely as its weight says.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            last = index;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut chance = Chance(1_234_567);
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431, 16_408_922_859_458_223_821];
        assert_eq!(std::array::from_fn(|_| chance.next()), published);
    }

    #[test]
    fn means_are_kept() {
        let mut chance = Chance::new(7, &[1]);
        let n = 20_000;
        let mean = |f: &mut dyn FnMut() -> f64| (0..n).map(|_| f()).sum::<f64>() / f64::from(n);
        assert!((mean(&mut || chance.exponential(3.0)) - 3.0).abs() < 0.1);
        assert!((mean(&mut || chance.gamma_two(3.0)) - 3.0).abs() < 0.1);
        assert!((mean(&mut || chance.poisson(4.5) as f64) - 4.5).abs() < 0.1);
        assert!((mean(&mut || f64::from(u8::from(chance.happens(0.3)))) - 0.3).abs() < 0.02);
        let picks = mean(&mut || chance.weighted([1.0, 0.0, 3.0].into_iter()) as f64);
        assert!((picks - 1.5).abs() < 0.05);
        assert!((0..1_000).all(|_| chance.below(5) < 5));
    }
}
