//! How many children each parent has, with exact totals, and where its children begin.
//!
//! Every 1,024 parents share a deck of cards on which the numbers of children are, in the proportion
//! of their weights, shuffled by a permutation of the block's own. So the total of a block is known
//! without a draw, the children of any parent are found without those of the others, and more
//! parents change nothing for the ones that were there.

use std::ops::Range;

use super::{permutation::Permutation, stream::Stream};

/// How many parents share a deck.
const BLOCK: u64 = 1_024;

/// The numbers of children of all parents.
#[derive(Clone, Debug)]
pub struct Children {
    stream: Stream,
    /// The numbers of children, each with the end of its cards in the deck.
    deck: Vec<(u64, u64)>,
    /// How many children the parents of a block have.
    per_block: u64,
}

impl Children {
    /// Numbers of children with their weights, the weight before the number. Proportions are kept
    /// to a 1,024th; at least one weight must not be zero.
    pub fn new(stream: Stream, weights: &[(u32, u32)]) -> Self {
        let cards = apportion(&weights.iter().map(|(weight, _)| *weight).collect::<Vec<_>>());
        let mut end = 0;
        let deck: Vec<(u64, u64)> = cards
            .iter()
            .zip(weights)
            .map(|(cards, (_, number))| {
                end += cards;
                (end, u64::from(*number))
            })
            .collect();
        let per_block =
            cards.iter().zip(weights).map(|(cards, (_, number))| cards * u64::from(*number)).sum();
        Self { stream, deck, per_block }
    }

    /// How many children `parent` has.
    pub fn count(&self, parent: u64) -> u64 {
        self.card(&self.order(parent / BLOCK), parent % BLOCK)
    }

    /// How many children the first `parents` parents have; so too the number of the first child of
    /// the parent after them.
    pub fn total(&self, parents: u64) -> u64 {
        let (block, rest) = (parents / BLOCK, parents % BLOCK);
        let order = self.order(block);
        block * self.per_block + (0..rest).map(|place| self.card(&order, place)).sum::<u64>()
    }

    /// The numbers of the children of `parent`, counted over all parents.
    pub fn of(&self, parent: u64) -> Range<u64> {
        let first = self.total(parent);
        first..first + self.count(parent)
    }

    /// The parent of `child`; none where no parent ever has a child.
    pub fn parent_of(&self, child: u64) -> Option<u64> {
        let block = child.checked_div(self.per_block)?;
        let (order, mut left) = (self.order(block), child % self.per_block);
        for place in 0..BLOCK {
            match left.checked_sub(self.card(&order, place)) {
                Some(rest) => left = rest,
                None => return Some(block * BLOCK + place),
            }
        }
        None
    }

    fn order(&self, block: u64) -> Permutation {
        Permutation::new(self.stream.nested(block), BLOCK)
    }

    fn card(&self, order: &Permutation, place: u64) -> u64 {
        let card = order.at(place);
        let at = self.deck.partition_point(|(end, _)| *end <= card);
        self.deck.get(at).map_or(0, |(_, number)| *number)
    }
}

/// How many of the cards each weight gets, by the largest remainders.
fn apportion(weights: &[u32]) -> Vec<u64> {
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let share = |weight: &u32| u64::from(*weight) * BLOCK;
    let mut cards: Vec<u64> = weights.iter().map(|weight| share(weight) / total.max(1)).collect();
    let remainder = |at: &usize| share(&weights[*at]) % total.max(1);
    let mut by_remainder: Vec<usize> = (0..weights.len()).filter(|at| remainder(at) > 0).collect();
    by_remainder.sort_by_key(|at| std::cmp::Reverse(remainder(at)));
    let missing = usize::try_from(BLOCK - cards.iter().sum::<u64>()).unwrap_or_default();
    for at in by_remainder.into_iter().take(missing) {
        cards[at] += 1;
    }
    cards
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(weights: &[(u32, u32)]) -> Children {
        Children::new(Stream::new(42, "orders", "count"), weights)
    }

    #[test]
    fn a_block_has_exactly_what_the_weights_say() {
        assert_eq!(apportion(&[1, 1, 1]), [342, 341, 341]);
        assert_eq!(apportion(&[50, 35, 15]), [512, 358, 154]);
        let children = children(&[(1, 0), (2, 3), (1, 10)]);
        for block in 0..4 {
            let count = |number| {
                let parents = block * BLOCK..(block + 1) * BLOCK;
                parents.filter(|parent| children.count(*parent) == number).count()
            };
            assert_eq!([count(0), count(3), count(10)], [256, 512, 256]);
        }
        assert_eq!(children.total(2_048), 2 * (512 * 3 + 256 * 10));
        assert_eq!(children.total(1 << 40), (1 << 30) * (512 * 3 + 256 * 10));
    }

    // Computed by a second implementation of this file.
    #[test]
    fn the_numbers_of_children_are_known() {
        let children = children(&[(50, 1), (35, 2), (15, 5)]);
        let counts = |parents: Range<u64>| -> Vec<u64> {
            parents.map(|parent| children.count(parent)).collect()
        };
        assert_eq!(counts(0..12), [2, 5, 2, 1, 1, 2, 1, 2, 2, 5, 1, 1]);
        assert_eq!(counts(3_072..3_078), [1, 2, 2, 1, 2, 1]);
        assert_eq!((children.total(500), children.total(1_024)), (954, 1_998));
    }

    #[test]
    fn children_of_parents_follow_each_other_without_a_gap() {
        let children = children(&[(3, 0), (5, 1), (2, 7)]);
        let mut next = 0;
        for parent in 0..3_000 {
            let own = children.total(parent);
            assert_eq!(own, next);
            next += children.count(parent);
        }
        assert_eq!(children.total(3_000), next);
        assert_eq!(children.of(17).end, children.of(18).start);
    }

    #[test]
    fn a_child_finds_its_parent() {
        let children = children(&[(3, 0), (5, 1), (2, 7)]);
        for parent in [0, 1, 5, 1_000, 1_023, 1_024, 1_025, 5_000, 1 << 40] {
            for child in children.of(parent) {
                assert_eq!(children.parent_of(child), Some(parent));
            }
        }
    }

    #[test]
    fn where_nobody_has_children_there_is_no_parent() {
        for weights in [&[(1, 0)][..], &[(0, 5)], &[]] {
            let children = children(weights);
            assert_eq!((children.total(5_000), children.parent_of(0)), (0, None));
        }
    }

    #[test]
    fn blocks_are_shuffled_differently() {
        let children = children(&[(1, 1), (1, 2)]);
        let block = |number: u64| -> Vec<u64> {
            (number * BLOCK..(number + 1) * BLOCK).map(|parent| children.count(parent)).collect()
        };
        assert_ne!(block(0), block(1));
        assert!(!block(0).is_sorted());
    }
}
