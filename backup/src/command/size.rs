//! Bytes as people read them.

/// Three digits and a unit: `1.23 MB`, in powers of 1000 as disks are sold.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut whole = bytes;
    let mut thousandths = 0;
    while whole >= 1000 && unit + 1 < UNITS.len() {
        thousandths = whole % 1000;
        whole /= 1000;
        unit += 1;
    }
    match (unit, whole) {
        (0, _) | (_, 100..) => format!("{whole} {}", UNITS[unit]),
        (_, 10..) => format!("{whole}.{} {}", thousandths / 100, UNITS[unit]),
        _ => format!("{whole}.{:02} {}", thousandths / 10, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit() {
        let shown = [0, 999, 1_000, 1_234_567, 12_345_678, 277_000_000_000].map(size);
        assert_eq!(shown, ["0 B", "999 B", "1.00 kB", "1.23 MB", "12.3 MB", "277 GB"]);
    }
}
