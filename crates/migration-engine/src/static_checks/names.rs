//! The names in the list, and their order.

use chrono::NaiveDateTime;

use crate::Finding;

pub(super) fn check(names: &[String]) -> Vec<Finding> {
    let unusual = names.iter().filter(|name| !is_usual(name)).map(|name| {
        let message = "its name does not start with the time it was written";
        Finding::warning("static.name", name, message)
            .hint("`migration generate` gives names such as m20260131_154500_add_rooms")
    });
    let twice = names
        .iter()
        .enumerate()
        .filter(|(place, name)| names[..*place].contains(name))
        .map(|(_, name)| {
            let message = "two migrations have this name; the second one would run, and then fail";
            Finding::error("static.duplicate", name, message)
        });
    let early = names.windows(2).filter(|pair| pair[0] > pair[1]).map(|pair| {
        let message = format!("it is listed after {}, which is younger", pair[0]);
        Finding::error("static.order", &pair[1], message)
            .hint("list migrations in the order of their names")
    });
    unusual.chain(twice).chain(early).collect()
}

/// `m`, a date, a time and words.
fn is_usual(name: &str) -> bool {
    let Some((stamp, slug)) = name.strip_prefix('m').and_then(|rest| rest.split_at_checked(15))
    else {
        return false;
    };
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    NaiveDateTime::parse_from_str(stamp, "%Y%m%d_%H%M%S").is_ok()
        && slug.len() > 1
        && slug.starts_with('_')
        && slug.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(names: &[&str]) -> Vec<String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        check(&names).iter().map(|it| format!("{} {}", it.check, it.subject)).collect()
    }

    #[test]
    fn a_usual_list_is_fine() {
        let names = ["m20260131_154500_rooms", "m20260131_154501_add_2_beds"];
        assert_eq!(checks(&names), Vec::<String>::new());
    }

    #[test]
    fn an_unusual_name_is_a_warning() {
        for name in [
            "rooms",
            "m20260131_rooms",
            "m20261331_154500_rooms",
            "m20260131_154500_",
            "m20260131_154500_Ä",
        ] {
            assert_eq!(checks(&[name]), [format!("static.name {name}")]);
        }
    }

    #[test]
    fn duplicates_and_disorder_are_named() {
        let (a, b) = ("m20260101_000000_a", "m20260102_000000_b");
        assert_eq!(checks(&[a, a]), [format!("static.duplicate {a}")]);
        assert_eq!(checks(&[b, a]), [format!("static.order {a}")]);
    }
}
