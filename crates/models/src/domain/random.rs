//! Chance from a seed: the same dice on every machine and in every version, which no library's default promises.

/// xoshiro256++ (D. Blackman, S. Vigna, ACM TOMS 47 (2021), article 36), seeded by SplitMix64.
#[derive(Clone, Debug)]
pub struct Dice {
    state: [u64; 4],
}

/// The finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014): every bit of the input moves every bit of the output.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut z = seed;
        let state = std::array::from_fn(|_| {
            z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(z)
        });
        Self { state }
    }

    /// Dice of its own for the part `stream` of a computation, so that parts do not disturb each other.
    pub fn of(seed: u64, stream: u64) -> Self {
        Self::new(mix(seed ^ mix(stream.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    pub fn draw(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// In 0..n, by multiplying: what is uneven about it is below n/2⁶⁴.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.draw()) * n as u128) >> 64) as usize
    }

    /// `wanted` different rows of `rows` in ascending order, every choice equally likely (D. Knuth, TAOCP 2, algorithm 3.4.2 S).
    pub fn sample(&mut self, rows: usize, wanted: usize) -> Vec<u32> {
        let mut left = wanted.min(rows);
        let mut chosen = Vec::with_capacity(left);
        for row in 0..rows {
            if left == 0 {
                break;
            }
            if self.below(rows - row) < left {
                chosen.push(row as u32);
                left -= 1;
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_everything() {
        let draw = |seed| -> Vec<u64> {
            let mut dice = Dice::new(seed);
            (0..5).map(|_| dice.draw()).collect()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn samples_are_different_rows_in_order_and_even() {
        let mut hits = [0_u32; 10];
        for seed in 0..3000 {
            let sample = Dice::new(seed).sample(10, 4);
            assert_eq!(sample.len(), 4);
            assert!(sample.windows(2).all(|w| w[0] < w[1]));
            sample.iter().for_each(|r| hits[*r as usize] += 1);
        }
        assert!(hits.iter().all(|h| (1090..1310).contains(h)), "{hits:?}");
        assert_eq!(Dice::new(1).sample(3, 9), [0, 1, 2]);
        assert!(Dice::new(1).sample(0, 9).is_empty());
    }

    #[test]
    fn below_and_unit_stay_inside() {
        let mut dice = Dice::of(1, 2);
        assert!((0..1000).all(|_| dice.below(3) < 3 && (0.0..1.0).contains(&dice.unit())));
    }
}
