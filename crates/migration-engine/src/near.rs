//! The name that somebody may have meant.

/// The known name that is nearest to `wanted`, where one is near enough to be a slip of the pen.
pub(crate) fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Long names differ mostly in their ends; a third of the letters may be wrong.
    let limit = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(wanted, known), known))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let known = ["m20260101_000000_users", "m20260102_000000_roles"];
        assert_eq!(nearest("m20260101_000000_user", known), Some(known[0]));
        assert_eq!(nearest("moon", known), None);
    }
}
