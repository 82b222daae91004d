//! The words of an SQL statement, one after the other.

/// A place in a statement.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    sql: &'a str,
    tokens: Vec<(usize, usize)>,
    next: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(sql: &'a str) -> Self {
        Self { sql, tokens: tokens(sql), next: 0 }
    }

    /// The next token as it is written, if there is one.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.next).map(|&(start, end)| &self.sql[start..end])
    }

    /// Steps over these words, if they come next.
    pub(super) fn take(&mut self, words: &str) -> bool {
        let mut ahead = self.clone();
        for word in words.split(' ') {
            if !ahead.peek().is_some_and(|token| token.eq_ignore_ascii_case(word)) {
                return false;
            }
            ahead.next += 1;
        }
        self.next = ahead.next;
        true
    }

    /// Steps over a quoted name, and returns it without its quotes.
    pub(super) fn name(&mut self) -> Option<String> {
        let name = self.peek()?.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\"");
        self.next += 1;
        Some(name)
    }

    /// Steps over a string, and returns what it says.
    pub(super) fn string(&mut self) -> Option<String> {
        let token = self.peek()?;
        let escapes = token.starts_with(['E', 'e']);
        let text = token.trim_start_matches(['E', 'e']).strip_prefix('\'')?.strip_suffix('\'')?;
        self.next += 1;
        let text = text.replace("''", "'");
        Some(if escapes { text.replace("\\\\", "\\") } else { text })
    }

    /// Steps over everything up to one of `ends` outside of parentheses, and returns it.
    pub(super) fn until(&mut self, ends: &[&str]) -> &'a str {
        let (first, mut depth) = (self.next, 0_usize);
        while let Some(token) = self.peek() {
            if depth == 0 && ends.iter().any(|end| token.eq_ignore_ascii_case(end)) {
                break;
            }
            match token {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.next += 1;
        }
        self.between(first, self.next)
    }

    /// Steps over a list in parentheses, and returns a cursor for each of its members.
    pub(super) fn list(&mut self) -> Option<Vec<Self>> {
        self.take("(").then_some(())?;
        let mut members = Vec::new();
        loop {
            members.push(Self::new(self.until(&[",", ")"])));
            if !self.take(",") {
                return self.take(")").then_some(members);
            }
        }
    }

    fn between(&self, first: usize, end: usize) -> &'a str {
        match self.tokens.get(first..end) {
            Some([(start, _), .., (_, end)] | [(start, end)]) => &self.sql[*start..*end],
            _ => "",
        }
    }
}

/// Where each token starts and ends.
fn tokens(sql: &str) -> Vec<(usize, usize)> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = sql[start..].chars().next() {
        let length = token_length(&sql[start..], first);
        if !first.is_whitespace() {
            tokens.push((start, start + length));
        }
        start += length;
    }
    tokens
}

fn token_length(rest: &str, first: char) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    match first {
        '"' | '\'' => quoted_length(rest, first),
        'E' | 'e' if rest[1..].starts_with('\'') => 1 + quoted_length(&rest[1..], '\''),
        _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        _ => first.len_utf8(),
    }
}

/// A quote within is doubled, so that two quoted tokens in a row are one.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut length = 0;
    while rest[length..].starts_with(quote) {
        let Some(end) = rest[length + 1..].find(quote) else { return rest.len() };
        length += end + 2;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_and_quotes_hide_what_is_in_them() {
        let mut cursor = Cursor::new(r#"(f(1, 2), 'a, ''b)', "x"",y") rest"#);
        let mut members = cursor.list().unwrap();
        assert_eq!(members.len(), 3);
        assert_eq!(members[0].until(&[]), "f(1, 2)");
        assert_eq!(members[1].string().unwrap(), "a, 'b)");
        assert_eq!(members[2].name().unwrap(), "x\",y");
        assert!(cursor.take("REST"));
        assert_eq!(cursor.peek(), None);
    }

    #[test]
    fn what_is_cut_off_ends_without_a_list() {
        for sql in ["(a, b", "(a, 'b", "", "("] {
            assert!(Cursor::new(sql).list().is_none(), "{sql}");
        }
    }
}
