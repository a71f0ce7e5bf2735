//! Where people lie on the plane that shows most of them: the first two principal components (K. Pearson 1901).

use super::prepare::Matrix;
use super::random::Dice;

const ROUNDS: usize = 200;

/// A place for each row; nothing where fewer than two columns of numbers vary.
pub fn plane(matrix: &Matrix) -> Option<Vec<[f32; 2]>> {
    let columns = matrix.numbers();
    if columns.len() < 2 || matrix.rows() < 3 {
        return None;
    }
    let n = matrix.rows() as f64;
    let means: Vec<f64> = columns.iter().map(|c| c.iter().map(|v| f64::from(*v)).sum::<f64>() / n).collect();
    let of = |a: usize, b: usize| columns[a].iter().zip(&columns[b]).map(|(x, y)| (f64::from(*x) - means[a]) * (f64::from(*y) - means[b])).sum::<f64>() / n;
    let mut covariance: Vec<Vec<f64>> = (0..columns.len()).map(|a| (0..columns.len()).map(|b| of(a, b)).collect()).collect();
    let first = leading(&covariance, 1)?;
    // What the first explains is taken out, and the second is what leads then.
    let along = stretched(&covariance, &first);
    let value: f64 = first.iter().zip(&along).map(|(a, b)| a * b).sum();
    for (a, row) in covariance.iter_mut().enumerate() {
        for (b, cell) in row.iter_mut().enumerate() {
            *cell -= value * first[a] * first[b];
        }
    }
    let second = leading(&covariance, 2)?;
    let at = |row: usize, axis: &[f64]| columns.iter().zip(&means).zip(axis).map(|((c, mean), a)| (f64::from(c[row]) - mean) * a).sum::<f64>() as f32;
    Some((0..matrix.rows()).map(|row| [at(row, &first), at(row, &second)]).collect())
}

fn stretched(matrix: &[Vec<f64>], by: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| row.iter().zip(by).map(|(a, b)| a * b).sum()).collect()
}

/// The eigenvector of the greatest eigenvalue, by the power method; its largest part is positive, so that pictures do not flip.
fn leading(matrix: &[Vec<f64>], stream: u64) -> Option<Vec<f64>> {
    let mut dice = Dice::of(0, stream);
    let mut vector: Vec<f64> = matrix.iter().map(|_| dice.unit() + 0.5).collect();
    for _ in 0..ROUNDS {
        let next = stretched(matrix, &vector);
        let length = next.iter().map(|v| v * v).sum::<f64>().sqrt();
        if length < 1e-12 {
            return None;
        }
        vector = next.into_iter().map(|v| v / length).collect();
    }
    let largest = vector.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    Some(if largest < 0.0 { vector.into_iter().map(|v| -v).collect() } else { vector })
}

#[cfg(test)]
mod tests {
    use super::super::features::Features;
    use super::super::prepare::{PrepareOptions, Preparation, ScalingRule};
    use super::*;

    #[test]
    fn the_first_axis_is_the_longest() {
        // Points on a long diagonal with a little breadth: the axes are (1, 1)/√2 and (1, −1)/√2.
        let long = [-3.0_f32, -1.0, 0.0, 1.0, 3.0];
        let broad = [0.1_f32, -0.1, 0.0, -0.1, 0.1];
        let x: Vec<f32> = long.iter().zip(&broad).map(|(l, b)| l + b).collect();
        let y: Vec<f32> = long.iter().zip(&broad).map(|(l, b)| l - b).collect();
        let features = Features::new(5).numbers("x", x).unwrap().numbers("y", y).unwrap();
        let options = PrepareOptions { scaling: ScalingRule::None, ..PrepareOptions::default() };
        let matrix = Preparation::fit(&features, &options).unwrap().apply(&features).unwrap();
        let places = plane(&matrix).unwrap();
        for (place, (l, b)) in places.iter().zip(long.iter().zip(&broad)) {
            assert!((place[0].abs() - (l * 2.0_f32.sqrt()).abs()).abs() < 1e-3, "{place:?} {l}");
            assert!((place[1].abs() - (b * 2.0_f32.sqrt()).abs()).abs() < 1e-3, "{place:?} {b}");
        }
        assert!(plane(&matrix.take(&[0])).is_none());
    }
}
