//! Reads conditions as PostgreSQL words them when it is asked for a CHECK.
//!
//! That wording is regular: every binary operator stands in parentheses, `BETWEEN` and `IN` are
//! spelled out, constants have casts. What is not understood becomes [`Expression::Unknown`], which
//! is no error: the server judges each row in any case.

use super::token::{Token, tokens};

/// A condition, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Column(String),
    /// A constant, whatever its type, as text.
    Constant(String),
    Null,
    Call(String, Vec<Self>),
    Array(Vec<Self>),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Binary(String, Box<Self>, Box<Self>),
    /// `left operator ANY (right)`, or `ALL` in place of it.
    Each {
        every: bool,
        operator: String,
        left: Box<Self>,
        right: Box<Self>,
    },
    IsNull(Box<Self>),
    Unknown,
}

/// Reads `text`, where `today` is what stands for the current time, and `value` for the `VALUE` of
/// a domain.
pub(super) fn parse(text: &str, today: &str, value: Option<&str>) -> Expression {
    let Some(tokens) = tokens(text) else { return Expression::Unknown };
    let mut parser = Parser { tokens: &tokens, at: 0, today, value };
    match parser.disjunction() {
        Some(expression) if parser.at == tokens.len() => expression,
        _ => Expression::Unknown,
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    today: &'a str,
    value: Option<&'a str>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, token: &Token) -> bool {
        let is = self.peek() == Some(token);
        self.at += usize::from(is);
        is
    }

    fn word(&mut self, word: &str) -> bool {
        self.takes(&Token::Word(word.to_owned()))
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.takes(&Token::Symbol(symbol.to_owned()))
    }

    fn disjunction(&mut self) -> Option<Expression> {
        let mut parts = vec![self.conjunction()?];
        while self.word("or") {
            parts.push(self.conjunction()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Expression::Or(parts)) }
    }

    fn conjunction(&mut self) -> Option<Expression> {
        let mut parts = vec![self.negation()?];
        while self.word("and") {
            parts.push(self.negation()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Expression::And(parts)) }
    }

    fn negation(&mut self) -> Option<Expression> {
        if self.word("not") {
            return Some(Expression::Not(Box::new(self.negation()?)));
        }
        let mut expression = self.operation()?;
        while self.word("is") {
            let negated = self.word("not");
            let test = match self.next()? {
                Token::Word(word) if word == "null" => Expression::IsNull(Box::new(expression)),
                Token::Word(word) if word == "true" => expression,
                Token::Word(word) if word == "false" => Expression::Not(Box::new(expression)),
                _ => return None,
            };
            expression = if negated { Expression::Not(Box::new(test)) } else { test };
        }
        Some(expression)
    }

    fn operation(&mut self) -> Option<Expression> {
        let mut left = self.operand()?;
        while let Some(Token::Symbol(symbol)) = self.peek() {
            if matches!(symbol.as_str(), ")" | "]" | ",") {
                break;
            }
            let operator = symbol.clone();
            self.at += 1;
            let each =
                [("any", false), ("all", true)].into_iter().find(|(word, _)| self.word(word));
            let right = Box::new(self.operand()?);
            let boxed = Box::new(left);
            left = match each {
                Some((_, every)) => Expression::Each { every, operator, left: boxed, right },
                None => Expression::Binary(operator, boxed, right),
            };
        }
        Some(left)
    }

    fn operand(&mut self) -> Option<Expression> {
        if self.symbol("-") {
            let Expression::Constant(number) = self.operand()? else {
                return Some(Expression::Unknown);
            };
            return Some(Expression::Constant(format!("-{number}")));
        }
        let mut operand = self.primary()?;
        while self.symbol("::") {
            self.type_name()?;
            if let Expression::Constant(text) = &operand
                && text == "{}"
            {
                operand = Expression::Array(Vec::new());
            }
        }
        Some(operand)
    }

    fn primary(&mut self) -> Option<Expression> {
        match self.next()? {
            Token::Symbol(symbol) if symbol == "(" => {
                let inner = self.disjunction()?;
                self.symbol(")").then_some(inner)
            }
            Token::Text(text) | Token::Number(text) => Some(Expression::Constant(text)),
            Token::Name(name) => self.named(name),
            Token::Word(word) => match word.as_str() {
                "null" => Some(Expression::Null),
                "true" | "false" => Some(Expression::Constant(word)),
                "current_date" | "current_timestamp" | "localtimestamp" => {
                    Some(Expression::Constant(self.today.to_owned()))
                }
                "array" if self.symbol("[") => self.list("]").map(Expression::Array),
                _ => self.named(word),
            },
            Token::Symbol(_) => None,
        }
    }

    /// A column, or a call of the function `name`.
    fn named(&mut self, mut name: String) -> Option<Expression> {
        while self.symbol(".") {
            let (Token::Word(next) | Token::Name(next)) = self.next()? else { return None };
            name = next;
        }
        if !self.symbol("(") {
            let value = self.value.filter(|_| name == "value");
            return Some(Expression::Column(value.map_or(name, str::to_owned)));
        }
        let arguments = self.list(")")?;
        if matches!(name.as_str(), "now" | "transaction_timestamp" | "statement_timestamp") {
            return Some(Expression::Constant(self.today.to_owned()));
        }
        Some(Expression::Call(name, arguments))
    }

    fn list(&mut self, end: &str) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        if self.symbol(end) {
            return Some(items);
        }
        loop {
            items.push(self.disjunction()?);
            if self.symbol(end) {
                return Some(items);
            }
            if !self.symbol(",") {
                return None;
            }
        }
    }

    /// Skips the name of a type, of which some have several words.
    fn type_name(&mut self) -> Option<()> {
        let (Token::Word(_) | Token::Name(_)) = self.next()? else { return None };
        loop {
            if self.symbol(".") {
                self.at += 1;
            } else if self.symbol("(") {
                self.list(")")?;
            } else if self.symbol("[") {
                self.symbol("]").then_some(())?;
            } else if !["varying", "precision", "with", "without", "time", "zone"]
                .iter()
                .any(|word| self.word(word))
            {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> Expression {
        Expression::Column(name.to_owned())
    }

    fn constant(text: &str) -> Expression {
        Expression::Constant(text.to_owned())
    }

    fn binary(operator: &str, left: Expression, right: Expression) -> Expression {
        Expression::Binary(operator.to_owned(), Box::new(left), Box::new(right))
    }

    fn read(text: &str) -> Expression {
        parse(text, "2026-03-02", None)
    }

    #[test]
    fn a_range_is_read() {
        let expected = Expression::And(vec![
            binary(">=", column("rating"), constant("1")),
            binary("<=", column("rating"), constant("-5.5")),
        ]);
        assert_eq!(read("((rating >= 1) AND (rating <= ('-5.5')::numeric(3,1)))"), expected);
    }

    #[test]
    fn a_list_is_read_through_its_casts() {
        let expected = Expression::Each {
            every: false,
            operator: "=".to_owned(),
            left: Box::new(column("Sta\"te")),
            right: Box::new(Expression::Array(vec![constant("a"), constant("it's")])),
        };
        let text = "((\"Sta\"\"te\")::text = ANY ((ARRAY['a'::character varying, \
                    'it''s'::character varying(9)])::text[]))";
        assert_eq!(read(text), expected);
    }

    #[test]
    fn nothing_and_now_are_read() {
        let expected = Expression::Or(vec![
            Expression::IsNull(Box::new(column("sent_at"))),
            Expression::Not(Box::new(Expression::IsNull(Box::new(column("a"))))),
            binary("<", column("sent_at"), constant("2026-03-02")),
        ]);
        assert_eq!(read("((sent_at IS NULL) OR (a IS NOT NULL) OR (sent_at < now()))"), expected);
    }

    #[test]
    fn a_call_is_read() {
        let call = Expression::Call("length".to_owned(), vec![column("code")]);
        assert_eq!(read("(length((code)::text) = 3)"), binary("=", call, constant("3")));
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        for text in
            ["", "(a", "EXTRACT(year FROM day)", "a IS DISTINCT FROM b", "CASE WHEN a THEN b END"]
        {
            assert_eq!(read(text), Expression::Unknown, "{text}");
        }
    }
}
