//! What may stand after the colon of a header line.

use std::time::Duration;

use crate::{LintIgnore, Problem};

/// Names of migrations, separated by commas.
pub(crate) fn names(value: &str) -> Result<Vec<String>, Problem> {
    let name = |part: &str| {
        let name = part.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !name.is_empty() && name.chars().all(fits) {
            Ok(name.to_owned())
        } else {
            Err(Problem::Name(name.to_owned()))
        }
    };
    value.split(',').map(name).collect()
}

/// A query, which answers with one value, without its semicolon.
pub(crate) fn query(value: &str) -> Result<String, Problem> {
    let query = value.trim_end_matches([';', ' ']);
    let first = query.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    if ["select", "with", "values", "table"].contains(&first.to_ascii_lowercase().as_str()) {
        Ok(query.to_owned())
    } else {
        Err(Problem::Query(value.to_owned()))
    }
}

/// A whole number with a unit; zero would mean "wait for ever" to PostgreSQL.
pub(crate) fn duration(value: &str) -> Result<Duration, Problem> {
    let problem = || Problem::Duration(value.to_owned());
    let unit = value.find(|c: char| !c.is_ascii_digit()).ok_or_else(problem)?;
    let number: u32 = value[..unit].parse().map_err(|_| problem())?;
    let unit = match value[unit..].trim_start() {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "min" => Duration::from_mins(1),
        _ => return Err(problem()),
    };
    match unit * number {
        Duration::ZERO => Err(problem()),
        duration => Ok(duration),
    }
}

/// A rule, and why it does not matter here.
pub(crate) fn lint_ignore(value: &str) -> Result<LintIgnore, Problem> {
    let (rule, why) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !rule.chars().all(fits) {
        return Err(Problem::Rule(rule.to_owned()));
    }
    match why.trim() {
        "" => Err(Problem::NoReason(rule.to_owned())),
        why => Ok(LintIgnore { rule: rule.to_owned(), why: why.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_number_and_a_unit() {
        assert_eq!(duration("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(duration("2s").unwrap(), Duration::from_secs(2));
        assert_eq!(duration("1 min").unwrap(), Duration::from_mins(1));
        for wrong in ["", "5", "s", "0ms", "-1s", "1.5s", "2 hours", "99999999999s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_asks_and_does_not_change() {
        assert_eq!(query("SELECT true;").unwrap(), "SELECT true");
        assert_eq!(query("with x as (select 1) select true from x").unwrap().len(), 39);
        assert!(query("users is empty").is_err());
        assert!(query("DELETE FROM users").is_err());
    }

    #[test]
    fn a_rule_is_ignored_for_a_reason() {
        let ignored = lint_ignore("ban-drop-column  nobody reads it").unwrap();
        assert_eq!(
            (ignored.rule.as_str(), ignored.why.as_str()),
            ("ban-drop-column", "nobody reads it")
        );
        assert_eq!(
            lint_ignore("ban-drop-column"),
            Err(Problem::NoReason("ban-drop-column".into()))
        );
        assert_eq!(lint_ignore("Ban: x"), Err(Problem::Rule("Ban:".into())));
    }
}
