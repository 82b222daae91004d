//! Which pseudonym fits a column: a class and a type in, an SQL expression out.

use std::fmt;

use dbkit::{Identifier, Literal};

use super::{
    catalog::{Column, Holds},
    class::{Class, Shape},
};

/// What stands where somebody wrote something.
const REDACTED: &str = "[redacted]";

/// The key, in every call of a function.
const KEY: &str = "k.inner_pad, k.outer_pad";

/// In a unique column, as many hexadecimal digits make it unlikely that two of a million meet.
const UNIQUE_DIGITS: usize = 12;

/// What is true of a column and of all that refer to each other with it: they must become the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// Whether one of them is unique.
    pub(super) unique: bool,
    /// Whether there is more than one.
    pub(super) referring: bool,
    /// Whether for one of them the case does not matter.
    pub(super) caseless: bool,
    /// The shortest of their limits.
    pub(super) limit: Option<usize>,
    /// The least of their greatest whole numbers.
    pub(super) most: Option<i64>,
}

impl Group {
    pub(super) fn of(column: &Column) -> Self {
        Self {
            unique: column.unique,
            referring: false,
            caseless: column.holds == Holds::CaselessText,
            limit: column.limit,
            most: match column.holds {
                Holds::Integer(most) => Some(most),
                _ => None,
            },
        }
    }

    /// What is true of both together.
    pub(super) fn joined(self, other: Self) -> Self {
        let least = |a: Option<usize>, b: Option<usize>| a.into_iter().chain(b).min();
        Self {
            unique: self.unique || other.unique,
            referring: true,
            caseless: self.caseless || other.caseless,
            limit: least(self.limit, other.limit),
            most: self.most.into_iter().chain(other.most).min(),
        }
    }
}

/// Why a class does not fit a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The server computes its values.
    Generated,
    /// The server gives its values.
    Identity,
    /// Its values must differ, or are referred to.
    Key,
    /// There is no such pseudonym for its type.
    Type(String),
    /// It would be emptied, and cannot be null.
    Required(String),
    /// The pseudonym is too long for it.
    Short {
        /// What the pseudonym needs.
        needed: usize,
        /// What there is room for.
        limit: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated => f.write_str("the server computes it from other columns"),
            Self::Identity => f.write_str("the server gives its values"),
            Self::Key => f.write_str("it is a key, whose values must stay different"),
            Self::Type(name) => write!(f, "there is no such pseudonym of type {name}"),
            Self::Required(name) => write!(f, "a {name} would become null, and here it cannot"),
            Self::Short { needed, limit } => {
                write!(f, "the pseudonym needs {needed} characters, and there is room for {limit}")
            }
        }
    }
}

/// What a value becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Becomes {
    /// Nothing.
    Null,
    /// What the expression says, in which `{v}` is the value and `{text}` the value as text.
    Expression(String),
}

/// The SQL of what `column` becomes, of the table `t` with the key `k`; none where it stays.
pub(super) fn pseudonym(
    class: Class,
    column: &Column,
    group: Group,
) -> Result<Option<String>, Reason> {
    if class == Class::Keep {
        return Ok(None);
    }
    if column.generated {
        return Err(Reason::Generated);
    }
    if column.always_identity {
        return Err(Reason::Identity);
    }
    let becomes = match class {
        Class::Keep => return Ok(None),
        Class::Personal(shape) => personal(shape, column, group)?,
        Class::FreeText => free_text(column, group)?,
        Class::Secret => secret(column, group)?,
    };
    Ok(Some(sql(&becomes, column, group)))
}

fn personal(shape: Shape, column: &Column, group: Group) -> Result<Becomes, Reason> {
    let unsuited = || Reason::Type(column.sql_type.clone());
    let call = match (shape, column.holds) {
        (Shape::Name, Holds::Text | Holds::CaselessText) => return name(group),
        (Shape::Email, Holds::Text | Holds::CaselessText) => needs(31, group, "email({text}, {k})"),
        (Shape::Url, Holds::Text | Holds::CaselessText) => needs(34, group, "url({text}, {k})"),
        (Shape::Phone, Holds::Text | Holds::CaselessText) if group.unique => {
            needs(16, group, "unique_phone({text}, {k})")
        }
        (Shape::Phone, Holds::Text | Holds::CaselessText) => needs(12, group, "phone({text}, {k})"),
        (Shape::Address, Holds::Text | Holds::CaselessText) if !group.unique => {
            return Ok(cut("address({text}, {k})", group));
        }
        (Shape::Code, Holds::Text | Holds::CaselessText) => {
            return Ok(cut("code({text}, {k})", group));
        }
        (Shape::Ip, Holds::Text | Holds::CaselessText) => return ip_as_text(group),
        (Shape::Text, Holds::Text | Holds::CaselessText) => return token(group),
        (Shape::Text, Holds::Uuid) => Ok("uuid({text}, {k})".to_owned()),
        (Shape::Text, Holds::Integer(most)) => {
            let most = group.most.unwrap_or(most);
            Ok(format!("number('text', {{text}}, {{k}}) % {most} + 1"))
        }
        (Shape::Text, Holds::Bytes) => Ok("mac('text', {text}, {k})".to_owned()),
        (Shape::Ip, Holds::Inet) if group.unique => Ok("unique_inet({v}, {k})".to_owned()),
        (Shape::Ip, Holds::Inet) => Ok("inet({v}, {k})".to_owned()),
        (Shape::Date, Holds::Date | Holds::Timestamp) => return Ok(moved(column.holds)),
        (Shape::Ip, Holds::Cidr) if !group.unique => {
            return Ok(network());
        }
        _ => return Err(unsuited()),
    };
    call.map(|call| function(&call))
}

fn free_text(column: &Column, group: Group) -> Result<Becomes, Reason> {
    if group.unique || group.referring {
        return Err(Reason::Key);
    }
    match column.holds {
        Holds::Text | Holds::CaselessText => {
            let length = column.limit.unwrap_or(REDACTED.len()).min(REDACTED.len());
            Ok(Becomes::Expression(Literal(&REDACTED[..length]).to_string()))
        }
        Holds::Json => Ok(hollow(column)),
        _ => null(column),
    }
}

fn secret(column: &Column, group: Group) -> Result<Becomes, Reason> {
    if column.primary || group.referring {
        return Err(Reason::Key);
    }
    match column.holds {
        Holds::Text | Holds::CaselessText if group.unique => {
            let digits = group.limit.unwrap_or(64).min(64);
            if digits < 2 * UNIQUE_DIGITS {
                return Err(Reason::Short { needed: 2 * UNIQUE_DIGITS, limit: digits });
            }
            let hash = format!("left(pg_temp.hex('secret', {{text}}, {KEY}), {digits})");
            Ok(Becomes::Expression(hash))
        }
        // What no password can match, as in /etc/shadow.
        Holds::Text | Holds::CaselessText => Ok(Becomes::Expression("'!'".to_owned())),
        Holds::Bytes => Ok(function("mac('secret', {text}, {k})")),
        Holds::Uuid => Ok(function("uuid({text}, {k})")),
        _ if group.unique => Err(Reason::Key),
        Holds::Json => Ok(hollow(column)),
        _ => null(column),
    }
}

fn null(column: &Column) -> Result<Becomes, Reason> {
    let name = column.sql_type.clone();
    if column.required { Err(Reason::Required(name)) } else { Ok(Becomes::Null) }
}

fn hollow(column: &Column) -> Becomes {
    let binary = column.sql_type.trim_end_matches("[]").ends_with("jsonb");
    // A domain's name tells nothing; both casts lead to the same.
    let kind = if binary { "jsonb_typeof({v})" } else { "json_typeof({text}::json)" };
    Becomes::Expression(format!("pg_temp.hollow({kind})"))
}

fn function(call: &str) -> Becomes {
    Becomes::Expression(format!("pg_temp.{}", call.replace("{k}", KEY)))
}

fn cut(call: &str, group: Group) -> Becomes {
    let call = call.replace("{k}", KEY);
    Becomes::Expression(match group.limit {
        Some(limit) => format!("left(pg_temp.{call}, {limit})"),
        None => format!("pg_temp.{call}"),
    })
}

fn needs(needed: usize, group: Group, call: &str) -> Result<String, Reason> {
    match group.limit {
        Some(limit) if limit < needed => Err(Reason::Short { needed, limit }),
        _ => Ok(call.to_owned()),
    }
}

fn name(group: Group) -> Result<Becomes, Reason> {
    if !group.unique {
        return Ok(cut("name({text}, {k})", group));
    }
    let size = group.limit.unwrap_or(1000);
    let call = format!("unique_name({{text}}, {size}, {{k}})");
    needs(2 * UNIQUE_DIGITS, group, &call).map(|call| function(&call))
}

fn token(group: Group) -> Result<Becomes, Reason> {
    let digits = group.limit.map_or(16, |limit| limit.saturating_sub(1).min(16));
    if group.unique && digits < UNIQUE_DIGITS {
        return Err(Reason::Short { needed: UNIQUE_DIGITS + 1, limit: digits + 1 });
    }
    Ok(function(&format!("token('text', {{text}}, {digits}, {{k}})")))
}

fn ip_as_text(group: Group) -> Result<Becomes, Reason> {
    if group.unique {
        return needs(39, group, "ip6({text}, {k})").map(|call| function(&call));
    }
    needs(39, group, "")?;
    Ok(Becomes::Expression(format!(
        "CASE WHEN {{text}} LIKE '%:%' THEN pg_temp.ip6({{text}}, {KEY}) ELSE pg_temp.ip4({{text}}, {KEY}) END"
    )))
}

/// A wider network than that of the documentation would be somebody's.
fn network() -> Becomes {
    let narrow = "greatest(masklen({v}), CASE family({v}) WHEN 4 THEN 24 ELSE 32 END)";
    Becomes::Expression(format!("network(set_masklen(pg_temp.inet({{v}}, {KEY}), {narrow}))"))
}

/// Later or earlier, but for what is neither.
fn moved(holds: Holds) -> Becomes {
    let by = if holds == Holds::Date { "days" } else { "seconds" };
    Becomes::Expression(format!(
        "CASE WHEN isfinite({{v}}) THEN {{v}} + pg_temp.{by}({{text}}, {KEY}) ELSE {{v}} END"
    ))
}

fn sql(becomes: &Becomes, column: &Column, group: Group) -> String {
    let Becomes::Expression(expression) = becomes else { return "NULL".to_owned() };
    let own = format!("t.{}", Identifier(&column.name));
    let sql_type = &column.sql_type;
    let value = if column.is_array { "e.v" } else { &own };
    let text =
        if group.caseless { format!("lower({value}::text)") } else { format!("{value}::text") };
    let expression = expression.replace("{v}", value).replace("{text}", &text);
    let case = if column.holds.is_text() {
        // Nothing was said, and so nothing is told.
        format!("CASE WHEN btrim({value}::text) = '' THEN {value}::text ELSE {expression} END")
    } else {
        expression
    };
    let case = format!("CASE WHEN {value} IS NULL THEN NULL ELSE {case} END");
    if column.is_array {
        let elements = format!("unnest({own}) WITH ORDINALITY AS e (v, n) ORDER BY e.n");
        format!(
            "CASE WHEN {own} IS NULL THEN NULL ELSE ARRAY(SELECT {case} FROM {elements})::{sql_type} END"
        )
    } else {
        format!("({case})::{sql_type}")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::catalog::tests::column, *};

    fn text(limit: Option<usize>) -> Column {
        Column { limit, ..column("c", "text", Holds::Text) }
    }

    #[track_caller]
    fn check(class: &str, column: &Column, expected: Result<&str, &str>) {
        let class = Class::parse(class).unwrap();
        let found = pseudonym(class, column, Group::of(column));
        match (&found, expected) {
            (Ok(Some(sql)), Ok(part)) => assert!(sql.contains(part), "{sql}"),
            (Err(reason), Err(said)) => assert_eq!(reason.to_string(), said),
            _ => panic!("{found:?} for {class}"),
        }
    }

    #[test]
    fn what_is_kept_is_not_touched() {
        assert_eq!(pseudonym(Class::Keep, &text(None), Group::default()), Ok(None));
    }

    #[test]
    fn a_shape_fits_its_types_and_its_length() {
        check("personal:email", &text(None), Ok("pg_temp.email(t.\"c\"::text"));
        check("personal:name", &text(Some(8)), Ok("left(pg_temp.name("));
        check(
            "personal:email",
            &text(Some(20)),
            Err("the pseudonym needs 31 characters, and there is room for 20"),
        );
        let number = column("n", "integer", Holds::Integer(2_147_483_647));
        check("personal:text", &number, Ok("% 2147483647 + 1"));
        check("personal:email", &number, Err("there is no such pseudonym of type integer"));
    }

    #[test]
    fn what_must_differ_gets_enough_to_differ_in() {
        let unique = |limit| Column { unique: true, ..text(limit) };
        check("personal:phone", &unique(None), Ok("unique_phone"));
        check("personal:name", &unique(None), Ok("unique_name"));
        check("secret", &unique(None), Ok("'secret'"));
        let key = "it is a key, whose values must stay different";
        check("free-text", &unique(None), Err(key));
        check(
            "personal:text",
            &unique(Some(12)),
            Err("the pseudonym needs 13 characters, and there is room for 12"),
        );
        check("secret", &Column { primary: true, ..unique(None) }, Err(key));
    }

    #[test]
    fn what_the_server_makes_itself_is_left_to_it() {
        let generated = Column { generated: true, ..text(None) };
        check("personal:name", &generated, Err("the server computes it from other columns"));
        let identity = Column { always_identity: true, ..text(None) };
        check("secret", &identity, Err("the server gives its values"));
    }

    #[test]
    fn what_has_no_pseudonym_becomes_null_where_it_can() {
        let point = column("p", "point", Holds::Other);
        check("free-text", &point, Ok("NULL"));
        let required = Column { required: true, ..point };
        check("free-text", &required, Err("a point would become null, and here it cannot"));
    }

    #[test]
    fn arrays_are_done_element_by_element() {
        let names = Column { is_array: true, ..column("c", "text[]", Holds::Text) };
        check("personal:name", &names, Ok("pg_temp.name(e.v::text"));
        check("personal:name", &names, Ok("::text[]"));
    }
}
