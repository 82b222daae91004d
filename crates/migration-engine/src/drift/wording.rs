//! How a difference is told.

use crate::{Change, snapshot::Object};

/// So much of a definition is shown; a function's may have hundreds of lines.
const SHOWN: usize = 160;

/// What a change is about: `column public.users.email`.
pub(super) fn subject(object: &Object) -> String {
    let Object { kind, name } = object;
    match kind.as_str() {
        "comment" => format!("comment on {}", spaced(name)),
        "acl" => format!("privileges on {}", spaced(name)),
        "default_acl" => format!("default privileges on {name}"),
        "owner" => format!("owner of {}", spaced(name)),
        "column_order" => format!("order of the columns of {name}"),
        "column_statistics" => format!("statistics target of column {name}"),
        kind => format!("{} {name}", kind.replace('_', " ")),
    }
}

/// The name may begin with a kind.
fn spaced(name: &str) -> String {
    let (kind, rest) = name.split_once(' ').unwrap_or((name, ""));
    format!("{} {rest}", kind.replace('_', " "))
}

/// What has happened to it, in one sentence.
pub(super) fn message(subject: &str, change: &Change) -> String {
    let is =
        if matches!(change.object.kind.as_str(), "acl" | "default_acl") { "are" } else { "is" };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            let (before, after) = (flat(before), flat(after));
            let same = unchanged(&before, &after);
            let (before, after) = (cut(&before, same), cut(&after, same));
            format!("{subject}: {before} → {after}")
        }
        (Some(gone), None) => format!("{subject} {is} missing{}", colon(gone)),
        (None, Some(new)) => format!("{subject} {is} extra{}", colon(new)),
        (None, None) => subject.to_owned(),
    }
}

fn colon(definition: &str) -> String {
    if definition.is_empty() { String::new() } else { format!(": {}", cut(&flat(definition), 0)) }
}

fn flat(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(" ") }
}

/// How many characters two long texts may lose at their beginning without losing the difference.
fn unchanged(before: &str, after: &str) -> usize {
    if before.chars().count().max(after.chars().count()) <= SHOWN {
        return 0;
    }
    let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    same.saturating_sub(SHOWN / 4)
}

fn cut(text: &str, skip: usize) -> String {
    let shown: String = text.chars().skip(skip).take(SHOWN).collect();
    let start = if skip > 0 { "…" } else { "" };
    let end = if text.chars().count() > skip + SHOWN { "…" } else { "" };
    format!("{start}{shown}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_definition_is_cut_around_its_difference() {
        let long = |word: &str| {
            format!("CREATE FUNCTION f()\n{}\n{word} {}", "a ".repeat(200), "b ".repeat(200))
        };
        let object = Object { kind: "routine".to_owned(), name: "public.f()".to_owned() };
        let change = Change { object, before: Some(long("one")), after: Some(long("two")) };
        let told = message("routine public.f()", &change);
        assert!(told.contains("a one b b") && told.contains("a two b b"), "{told}");
        assert!(told.chars().count() < 400, "{told}");
    }
}
