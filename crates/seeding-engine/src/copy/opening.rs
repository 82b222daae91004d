//! The beginning of a binary COPY, made long enough not to be held back.
//!
//! The driver leaves Nagle's algorithm on: over TCP, `CopyDone` waits until the server's kernel has
//! acknowledged what was sent before it, and of less than two full segments it takes 40 ms to do so. A
//! table with few rows would cost 44 ms instead of 3. The header of a binary COPY has room for
//! extensions of any length, which a server that does not know them skips.

use super::read::HEADER;

/// More than two segments of a loopback device, which are the longest there are.
const ENOUGH: usize = 192 * 1024;

/// How much of [`HEADER`] comes before the length of the extension.
const LENGTH_AT: usize = HEADER.len() - size_of::<u32>();

/// The header of a binary COPY, with an extension where `rows` are few bytes, and `rows`.
pub(super) fn opening(rows: &[u8]) -> Vec<u8> {
    let padding = ENOUGH.saturating_sub(rows.len());
    let length = u32::try_from(padding).expect("the padding is short");
    let mut opening = Vec::with_capacity(HEADER.len() + padding + rows.len());
    opening.extend_from_slice(&HEADER[..LENGTH_AT]);
    opening.extend_from_slice(&length.to_be_bytes());
    opening.resize(HEADER.len() + padding, 0);
    opening.extend_from_slice(rows);
    opening
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_come_after_an_extension_as_long_as_the_header_says() {
        let opening = opening(b"rows");
        let (header, rest) = opening.split_at(HEADER.len());
        let length = u32::from_be_bytes(header[LENGTH_AT..].try_into().unwrap());
        assert_eq!(header[..LENGTH_AT], HEADER[..LENGTH_AT]);
        assert_eq!(&rest[length as usize..], b"rows");
        assert!(rest.len() >= ENOUGH);
    }

    #[test]
    fn many_rows_need_no_extension() {
        let rows = vec![1; ENOUGH];
        assert_eq!(opening(&rows), [HEADER, &rows].concat());
    }
}
