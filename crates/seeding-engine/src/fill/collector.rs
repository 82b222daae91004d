//! What conditions mean for the values of a row's columns.

use std::collections::BTreeMap;

use super::{
    expression::Expression,
    facts::{Case, Facts},
};

/// Facts by column, collected from conditions.
pub(super) struct Collector<'a> {
    pub(super) facts: BTreeMap<String, Facts>,
    /// Chooses among so many alternatives; `None` to take none of them.
    pub(super) choose: &'a mut dyn FnMut(usize) -> Option<usize>,
    /// Whether a column may be empty.
    pub(super) nullable: &'a dyn Fn(&str) -> bool,
}

impl Collector<'_> {
    /// Takes note of what it means that `expression` is `truth`.
    pub(super) fn collect(&mut self, expression: &Expression, truth: bool) {
        match expression {
            Expression::Not(inner) => self.collect(inner, !truth),
            Expression::And(parts) | Expression::Or(parts) => {
                if matches!(expression, Expression::And(_)) == truth {
                    for part in parts {
                        self.collect(part, truth);
                    }
                } else {
                    self.one_of(&parts.iter().map(|part| vec![(part, truth)]).collect::<Vec<_>>());
                }
            }
            Expression::Column(name) => self.of(name).restrict([truth.to_string()]),
            Expression::IsNull(inner) => {
                if let Expression::Column(name) = &**inner {
                    self.of(name).null = Some(truth);
                }
            }
            Expression::Each { every, operator, left, right } => {
                self.listed(*every, operator, left, right, truth);
            }
            Expression::Binary(operator, left, right) => self.binary(operator, left, right, truth),
            _ => {}
        }
    }

    fn of(&mut self, column: &str) -> &mut Facts {
        self.facts.entry(column.to_owned()).or_default()
    }

    /// One of several alternatives holds; those that cannot are left out.
    fn one_of(&mut self, alternatives: &[Vec<(&Expression, bool)>]) {
        let possible: Vec<_> = alternatives
            .iter()
            .filter(|parts| parts.iter().all(|part| self.possible(*part)))
            .collect();
        let chosen = (self.choose)(possible.len()).and_then(|index| possible.get(index).copied());
        for (part, truth) in chosen.into_iter().flatten() {
            self.collect(part, *truth);
        }
    }

    fn possible(&self, (part, truth): (&Expression, bool)) -> bool {
        match part {
            Expression::IsNull(inner) => match &**inner {
                Expression::Column(name) => !truth || (self.nullable)(name),
                _ => true,
            },
            Expression::Not(inner) => self.possible((inner, !truth)),
            Expression::And(parts) if truth => parts.iter().all(|part| self.possible((part, true))),
            Expression::Constant(text) => (text == "true") == truth,
            _ => true,
        }
    }

    fn listed(
        &mut self,
        every: bool,
        operator: &str,
        left: &Expression,
        right: &Expression,
        truth: bool,
    ) {
        let (Some(column), Expression::Array(items)) = (plain(left), right) else { return };
        let Some(texts) = items.iter().map(constant).collect::<Option<Vec<_>>>() else { return };
        match (operator, every, truth) {
            ("=", false, true) => self.of(column).restrict(texts),
            ("<>", true, true) | ("=", false, false) => self.of(column).none_of.extend(texts),
            ("~~", false, true) => {
                if let Some(index) = (self.choose)(texts.len()) {
                    self.of(column).pattern = texts.get(index).map(|like| pattern_of(like));
                }
            }
            _ => {}
        }
    }

    fn binary(&mut self, operator: &str, left: &Expression, right: &Expression, truth: bool) {
        if matches!(operator, "=" | "<>") && is_condition(left) && is_condition(right) {
            let same = (operator == "=") == truth;
            let both = vec![(left, true), (right, same)];
            return self.one_of(&[both, vec![(left, false), (right, !same)]]);
        }
        let operator = if truth { operator } else { opposite(operator) };
        match (constant(left), constant(right)) {
            (None, Some(text)) => self.compared(left, operator, text),
            (Some(text), None) => self.compared(right, mirrored(operator), text),
            (None, None) => match (operator, plain(left), right) {
                ("<@", Some(column), Expression::Array(items)) => {
                    self.of(column).elements = items.iter().map(constant).collect();
                }
                _ => self.related(left, operator, right),
            },
            (Some(_), Some(_)) => {}
        }
    }

    /// `what operator text`, where `what` is a column or a function of one.
    fn compared(&mut self, what: &Expression, operator: &str, text: String) {
        if let Expression::Call(function, arguments) = what {
            return self.function(function, arguments, operator, &text);
        }
        let Some(column) = plain(what) else { return };
        let facts = self.of(column);
        match operator {
            "=" => facts.restrict([text]),
            "<>" => facts.none_of.push(text),
            ">" | ">=" => facts.least.push((text, operator == ">")),
            "<" | "<=" => facts.most.push((text, operator == "<")),
            "~" | "~*" => facts.pattern = Some(text),
            "~~" | "~~*" => facts.pattern = Some(pattern_of(&text)),
            _ => {}
        }
    }

    fn function(&mut self, function: &str, arguments: &[Expression], operator: &str, text: &str) {
        match (function, arguments.first().and_then(plain)) {
            ("num_nonnulls" | "num_nulls", _) => self.counted(function, arguments, operator, text),
            (
                "length" | "char_length" | "character_length" | "octet_length" | "cardinality"
                | "array_length",
                Some(column),
            ) => {
                let Ok(length) = text.parse::<usize>() else { return };
                let facts = self.of(column);
                match operator {
                    "=" => (facts.shortest, facts.longest) = (Some(length), Some(length)),
                    ">=" => facts.at_least_long(length),
                    ">" => facts.at_least_long(length + 1),
                    "<=" => facts.at_most_long(length),
                    "<" => facts.at_most_long(length.saturating_sub(1)),
                    _ => {}
                }
            }
            ("btrim" | "ltrim" | "rtrim", Some(column)) if text.is_empty() => {
                self.of(column).at_least_long(1);
            }
            ("json_typeof" | "jsonb_typeof", Some(column)) if operator == "=" => {
                self.of(column).shape = Some(text.to_owned());
            }
            ("lower" | "upper", Some(column)) => {
                let what = Expression::Column(column.to_owned());
                self.compared(&what, operator, text.to_owned());
            }
            _ => {}
        }
    }

    /// `num_nonnulls(a, b, …) = n`, and the like.
    fn counted(&mut self, function: &str, arguments: &[Expression], operator: &str, text: &str) {
        let (Ok(number), "=" | ">=" | "<=") = (text.parse::<usize>(), operator) else { return };
        let columns: Vec<&str> = arguments.iter().filter_map(plain).collect();
        let filled =
            if function == "num_nulls" { columns.len().saturating_sub(number) } else { number };
        let Some(first) = (self.choose)(columns.len()) else { return };
        for offset in 0..columns.len() {
            let column = columns[(first + offset) % columns.len()];
            self.of(column).null = Some(offset >= filled);
        }
    }

    fn related(&mut self, left: &Expression, operator: &str, right: &Expression) {
        if let Some((column, case)) = in_one_case(left, right).or_else(|| in_one_case(right, left))
        {
            if operator == "=" {
                self.of(column).case = Some(case);
            }
            return;
        }
        let (Some(left), Some(right)) = (plain(left), plain(right)) else { return };
        match operator {
            "=" => self.of(right).same = Some(left.to_owned()),
            ">" | ">=" => self.of(left).after.push((right.to_owned(), operator == ">")),
            "<" | "<=" => self.of(right).after.push((left.to_owned(), operator == "<")),
            _ => {}
        }
    }
}

fn plain(expression: &Expression) -> Option<&str> {
    let Expression::Column(name) = expression else { return None };
    Some(name)
}

fn constant(expression: &Expression) -> Option<String> {
    let Expression::Constant(text) = expression else { return None };
    Some(text.clone())
}

fn is_condition(expression: &Expression) -> bool {
    match expression {
        Expression::Not(_)
        | Expression::And(_)
        | Expression::Or(_)
        | Expression::Each { .. }
        | Expression::IsNull(_) => true,
        Expression::Binary(operator, ..) => {
            matches!(operator.as_str(), "=" | "<>" | "<" | "<=" | ">" | ">=" | "~" | "~~")
        }
        _ => false,
    }
}

/// A column that is compared with itself in lower or upper case.
fn in_one_case<'a>(call: &'a Expression, other: &Expression) -> Option<(&'a str, Case)> {
    let Expression::Call(function, arguments) = call else { return None };
    let column = arguments.first().and_then(plain)?;
    let case = match function.as_str() {
        "lower" => Case::Lower,
        "upper" => Case::Upper,
        _ => return None,
    };
    (plain(other) == Some(column)).then_some((column, case))
}

fn opposite(operator: &str) -> &str {
    match operator {
        "=" => "<>",
        "<>" => "=",
        "<" => ">=",
        "<=" => ">",
        ">" => "<=",
        ">=" => "<",
        _ => "",
    }
}

fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// The regular expression that matches what `like` matches.
fn pattern_of(like: &str) -> String {
    let mut pattern = String::from("^");
    for character in like.chars() {
        match character {
            '%' => pattern.push_str("[a-z]*"),
            '_' => pattern.push_str("[a-z]"),
            _ if character.is_alphanumeric() => pattern.push(character),
            _ => pattern.extend(['\\', character]),
        }
    }
    pattern + "$"
}
