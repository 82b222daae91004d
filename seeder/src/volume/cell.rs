//! What tells the rows of one cell from those of another.

use std::fmt::{self, Display};

/// The number of a row within its cell, from 1, and of the cell where it is not the first, so that
/// what is numbered by it is unique among all cells: `7`, `7-12`.
#[derive(Clone, Copy)]
pub(super) struct Number {
    cell: u64,
    local: u64,
}

impl Number {
    /// The number of the row `local`, from 0, of `cell`.
    pub(super) fn new(cell: u64, local: u64) -> Self {
        Self { cell, local }
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.local + 1)?;
        if self.cell > 0 { write!(f, "-{}", self.cell) } else { Ok(()) }
    }
}

/// `code`, followed by the cell where that is not the first: `MATH-7B`, `MATH-7B/12`.
pub(super) fn code(code: impl Display, cell: u64) -> String {
    if cell > 0 { format!("{code}/{cell}") } else { code.to_string() }
}

/// A number in a register, with as many digits as fit `width`: `S-0044`, `S-00012-0044`.
pub(super) fn register(letter: char, cell: u64, local: u64, width: usize) -> String {
    let number = local + 1;
    if cell > 0 {
        format!("{letter}-{cell:05}-{number:0width$}")
    } else {
        format!("{letter}-{number:0width$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cell_is_not_mentioned() {
        assert_eq!(Number::new(0, 43).to_string(), "44");
        assert_eq!(Number::new(12, 43).to_string(), "44-12");
        assert_eq!(code("MATH-7B", 0), "MATH-7B");
        assert_eq!(code("MATH-7B", 12), "MATH-7B/12");
        assert_eq!(register('S', 0, 43, 4), "S-0044");
        assert_eq!(register('S', 12, 43, 4), "S-00012-0044");
    }
}
