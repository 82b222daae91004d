//! Tables that fit a terminal of 80 columns.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

const WIDTH: u16 = 80;

/// Lays out `rows` under `header`; columns whose cells are all numbers are flush right.
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if !rows.is_empty() && rows.iter().all(|row| is_number(&row[index])) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A count, or a measure with its unit; a dash stands for none.
fn is_number(cell: &str) -> bool {
    let number = cell.split(' ').next().unwrap_or_default();
    cell == "-" || number.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_flush_right_and_nothing_exceeds_the_width() {
        let rows = [["roles".to_owned(), "5".to_owned()], ["users".to_owned(), "1200".to_owned()]];
        let shown = table(["seed", "created"], &rows);
        assert!(shown.contains("roles        5"), "{shown}");
        let long = [["x ".repeat(100), "1".to_owned()]];
        assert!(table(["a", "b"], &long).lines().all(|line| line.chars().count() <= 80));
    }
}
