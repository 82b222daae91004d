//! Cuts an SQL expression into words, names, constants and symbols.

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word in lower case: a keyword, or a name that needs no quotes.
    Word(String),
    /// A name that was quoted.
    Name(String),
    /// A string, without its quotes.
    Text(String),
    Number(String),
    Symbol(String),
}

const OPERATORS: &str = "+-*/<>=~!@#%^&|`?";

/// The pieces of `text`; `None` where something in it is not closed.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '\'' => quoted(rest, '\'').map(|(text, after)| (Token::Text(text), after))?,
            '"' => quoted(rest, '"').map(|(name, after)| (Token::Name(name), after))?,
            '0'..='9' => {
                let (number, after) = span(rest, |c| c.is_ascii_alphanumeric() || c == '.');
                (Token::Number(number.to_owned()), after)
            }
            _ if first.is_alphabetic() || first == '_' => word(rest)?,
            _ if OPERATORS.contains(first) => {
                let (symbol, after) = span(rest, |c| OPERATORS.contains(c));
                (Token::Symbol(symbol.to_owned()), after)
            }
            _ if rest.starts_with("::") => (Token::Symbol("::".to_owned()), &rest[2..]),
            _ => (Token::Symbol(first.to_string()), &rest[first.len_utf8()..]),
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

fn span(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// A word, or a string of the kind `E'…'` or `B'…'`.
fn word(text: &str) -> Option<(Token, &str)> {
    let (word, after) = span(text, |c| c.is_alphanumeric() || c == '_' || c == '$');
    if !after.starts_with('\'') {
        return Some((Token::Word(word.to_lowercase()), after));
    }
    let (content, after) = quoted(after, '\'')?;
    let content =
        if word.eq_ignore_ascii_case("e") { content.replace("\\\\", "\\") } else { content };
    Some((Token::Text(content), after))
}

/// What stands between the quotes at the start of `text`, and what follows.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut content = String::new();
    let mut rest = &text[1..];
    loop {
        let (before, after) = rest.split_once(quote)?;
        content.push_str(before);
        let Some(more) = after.strip_prefix(quote) else { return Some((content, after)) };
        content.push(quote);
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_undone() {
        let expected = vec![
            Token::Name("a\"b".to_owned()),
            Token::Symbol("~".to_owned()),
            Token::Text("it's".to_owned()),
            Token::Symbol("::".to_owned()),
            Token::Word("text".to_owned()),
        ];
        assert_eq!(tokens("\"a\"\"b\" ~ 'it''s'::text"), Some(expected));
    }

    #[test]
    fn a_backslash_in_an_escape_string_is_one() {
        assert_eq!(tokens(r"E'\\d+'"), Some(vec![Token::Text(r"\d+".to_owned())]));
    }

    #[test]
    fn an_open_string_is_noticed() {
        assert_eq!(tokens("'abc"), None);
    }
}
