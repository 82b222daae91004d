//! The last look at a text before it is printed: no password of a URL gets past it.

/// Replaces the password of every `scheme://user:password@` in `text`.
///
/// Messages are free of passwords by construction; this catches what somebody typed in the wrong
/// place and the argument parser quotes back.
pub(crate) fn redact(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = scheme_end(rest) {
        // No slash, one, or three are mistakes that people make.
        let slashes = rest[start + 1..].bytes().take_while(|byte| *byte == b'/').count();
        let (before, after) = rest.split_at(start + 1 + slashes);
        shown.push_str(before);
        // A password may hold any character, so its end is the last `@` of the word.
        let word = after.find(char::is_whitespace).unwrap_or(after.len());
        let at = after[..word].rfind('@');
        let colon = after[..word].find(':');
        rest = match (colon, at) {
            (Some(colon), Some(at)) if colon < at => {
                shown.push_str(&after[..=colon]);
                shown.push_str("***");
                &after[at..]
            }
            _ => after,
        };
    }
    shown.push_str(rest);
    redact_parameters(&shown)
}

/// The first colon that may end the scheme of a URL.
fn scheme_end(text: &str) -> Option<usize> {
    let colons = text.match_indices(':').map(|(at, _)| at);
    let ends_scheme = |at: &usize| {
        let (before, after) = (&text[..*at], &text[at + 1..]);
        after.starts_with('/') || before.ends_with("postgres") || before.ends_with("postgresql")
    };
    colons.into_iter().find(ends_scheme)
}

/// Replaces the value of every `…password=…` in `text`.
fn redact_parameters(text: &str) -> String {
    const NAME: &str = "password=";
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.to_ascii_lowercase().find(NAME) {
        let (before, after) = rest.split_at(start + NAME.len());
        shown.push_str(before);
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '&' | '\'' | '"' | '`'))
            .unwrap_or(after.len());
        if end > 0 {
            shown.push_str("***");
        }
        rest = &after[end..];
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_hidden_wherever_it_stands() {
        for (text, expected) in [
            ("postgres://u:secret@host/db", "postgres://u:***@host/db"),
            ("'postgres://u:se@cr:et@host/db' and x", "'postgres://u:***@host/db' and x"),
            (
                "a postgres://u:p@h/d b postgres://v:q@i/e",
                "a postgres://u:***@h/d b postgres://v:***@i/e",
            ),
            ("postgres:/u:secret@host/db", "postgres:/u:***@host/db"),
            ("postgresql:u:secret@host/db", "postgresql:u:***@host/db"),
            ("postgres://h/d?user=u&password=secret&x=1", "postgres://h/d?user=u&password=***&x=1"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["", "see https://www.postgresql.org/docs: @ home", "postgres://host:5432/db"] {
            assert_eq!(redact(text), text);
        }
    }
}
