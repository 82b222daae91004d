//! Choices that many make alike: a few artists have most of the followers.

use std::collections::BTreeSet;

use seeding_engine::{Draw, draw::distribution::Zipf};

/// `count` different positions among `of`, in order; the first ones are chosen the most often.
pub(super) fn some(draw: &mut Draw, popularity: &Zipf, count: usize, of: usize) -> BTreeSet<usize> {
    let mut chosen = BTreeSet::new();
    while chosen.len() < count.min(of) {
        // Whoever would be chosen again gives way to the next one who is not chosen yet, so that
        // this ends.
        let first = popularity.rank(draw);
        let free = (first..of).chain(0..of).find(|at| !chosen.contains(at));
        chosen.extend(free);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_chosen_twice_and_the_first_are_chosen_the_most() {
        let popularity = Zipf::new(10, 2);
        let mut followers = [0; 10];
        for row in 0..2_000 {
            let chosen = some(&mut Draw::new(1, "t", "some", row), &popularity, 3, 10);
            assert_eq!(chosen.len(), 3);
            for at in chosen {
                followers[at] += 1;
            }
        }
        assert!(followers[0] > 1_000 && followers[9] > 50, "{followers:?}");
        assert!(followers[0] > 3 * followers[8], "{followers:?}");
    }

    #[test]
    fn there_are_no_more_than_all() {
        let popularity = Zipf::new(3, 2);
        let all = some(&mut Draw::new(1, "t", "some", 0), &popularity, 9, 3);
        assert_eq!(all.len(), 3);
    }
}
