//! Where a value's choices come from: drawn at random, or counted so that no value comes twice.

use crate::{Draw, Stream, draw::permutation::Permutation};

/// Makes choices for one value.
#[derive(Debug)]
pub(super) enum Source {
    /// Values that look random.
    Drawn(Draw),
    /// The value that has this number among all there are; parts that need not differ are drawn.
    Counted { left: u128, draw: Draw },
    /// Finds out how many values there are; `None` for no end of them.
    Measuring { capacity: Option<u128> },
}

impl Source {
    pub(super) const fn counting(number: u128, draw: Draw) -> Self {
        Self::Counted { left: number, draw }
    }

    pub(super) const fn measuring() -> Self {
        Self::Measuring { capacity: Some(1) }
    }

    /// A number below `bound`; zero where there is none.
    pub(super) fn below(&mut self, bound: u128) -> u128 {
        match self {
            Self::Drawn(draw) => draw.below(u64::try_from(bound).unwrap_or(u64::MAX)).into(),
            Self::Counted { left, .. } => {
                let digit = *left % bound.max(1);
                *left /= bound.max(1);
                digit
            }
            Self::Measuring { capacity } => {
                *capacity = capacity.and_then(|capacity| capacity.checked_mul(bound.max(1)));
                0
            }
        }
    }

    /// One of `count` places.
    pub(super) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u128)).unwrap_or_default()
    }

    /// True in `percent` of a hundred values that are drawn.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        match self {
            Self::Drawn(draw) => draw.chance(percent),
            Self::Counted { .. } | Self::Measuring { .. } => false,
        }
    }

    /// Draws for what need not differ; none while measuring.
    pub(super) const fn draw(&mut self) -> Option<&mut Draw> {
        match self {
            Self::Drawn(draw) | Self::Counted { draw, .. } => Some(draw),
            Self::Measuring { .. } => None,
        }
    }

    /// Whether no value may come twice.
    pub(super) const fn counts(&self) -> bool {
        !matches!(self, Self::Drawn(_))
    }

    /// What is left of the number once all choices are made, for a value that has no end of them.
    pub(super) fn rest(&mut self) -> Option<u128> {
        match self {
            Self::Drawn(_) => None,
            Self::Counted { left, .. } => Some(*left),
            Self::Measuring { capacity } => {
                *capacity = None;
                None
            }
        }
    }

    /// How many values there are, after measuring one.
    pub(super) const fn capacity(&self) -> Option<u128> {
        match self {
            Self::Measuring { capacity } => *capacity,
            Self::Drawn(_) | Self::Counted { .. } => None,
        }
    }
}

/// Scatters `number` over `capacity` places, so that no two numbers below it share one.
pub(super) fn scatter(number: u64, capacity: u128, order: Stream) -> u128 {
    match u64::try_from(capacity) {
        Ok(0) => 0,
        Ok(capacity) => Permutation::new(order, capacity).at(number % capacity).into(),
        // Nobody gets to the end of these.
        Err(_) => number.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn scattered_numbers_stay_different() {
        let order = Stream::new(42, "table", "order");
        for capacity in [1, 2, 3, 10, 97, 1_000, 1_024] {
            let places: BTreeSet<u128> =
                (0..capacity).map(|n| scatter(n, capacity.into(), order)).collect();
            assert_eq!(places.len() as u64, capacity);
            assert!(places.iter().all(|place| *place < capacity.into()));
        }
    }
}
