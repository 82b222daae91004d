//! The names of databases that are being made, and of those that were replaced.

use uuid::Uuid;

/// PostgreSQL cuts longer names off.
const LONGEST: usize = 63;

/// What the name of a database begins with that a run is filling.
const UNFINISHED: [&str; 3] = ["seaworthy_restore_", "seaworthy_verify_", "seaworthy_sanitise_"];

/// The database that `run` fills, until it is complete and compared.
pub(crate) fn being_restored(run: Uuid) -> String {
    format!("{}{}", UNFINISHED[0], run.simple())
}

/// The database that `run` fills in order to see whether it can.
pub(crate) fn being_verified(run: Uuid) -> String {
    format!("{}{}", UNFINISHED[1], run.simple())
}

/// The run that fills, or filled, a database of this name.
pub(crate) fn run_of(database: &str) -> Option<Uuid> {
    let run = UNFINISHED.iter().find_map(|beginning| database.strip_prefix(beginning))?;
    let is_ours =
        run.len() == 32 && run.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then(|| Uuid::parse_str(run).ok())?
}

/// The name under which `database` is kept when `run` replaces it: free, and short enough.
pub(crate) fn kept(database: &str, run: Uuid, taken: impl Fn(&str) -> bool) -> String {
    // The end of a UUID is random in every version; the beginning of a v7 is the time.
    let id = &run.simple().to_string()[24..];
    let numbers = std::iter::once(String::new()).chain((2..).map(|number| format!("_{number}")));
    let mut names = numbers.map(|number| {
        let end = format!("__before_{id}{number}");
        format!("{}{end}", beginning(database, LONGEST - end.len()))
    });
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// As much of a name as fits, without cutting a character in two.
fn beginning(name: &str, length: usize) -> &str {
    let mut length = length.min(name.len());
    while !name.is_char_boundary(length) {
        length -= 1;
    }
    &name[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Uuid = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_0000_9f1c_02ab);

    #[test]
    fn a_kept_database_is_named_after_itself_and_the_run() {
        assert_eq!(kept("shop", RUN, |_| false), "shop__before_9f1c02ab");
        let taken = ["shop__before_9f1c02ab", "shop__before_9f1c02ab_2"];
        assert_eq!(kept("shop", RUN, |name| taken.contains(&name)), "shop__before_9f1c02ab_3");
    }

    #[test]
    fn a_long_name_is_cut_between_two_characters() {
        let name = kept(&"ä".repeat(31), RUN, |_| false);
        assert_eq!(name, format!("{}__before_9f1c02ab", "ä".repeat(23)));
        assert!(name.len() <= LONGEST);
        let other = kept(&"x".repeat(63), RUN, |name| !name.ends_with("_12"));
        assert_eq!(other.len(), LONGEST);
    }

    #[test]
    fn the_run_is_read_from_the_name() {
        assert_eq!(run_of(&being_restored(RUN)), Some(RUN));
        assert_eq!(run_of(&being_verified(RUN)), Some(RUN));
        let upper = being_restored(RUN).to_uppercase();
        for foreign in ["shop", "seaworthy_restore_", "seaworthy_restore_shop", upper.as_str()] {
            assert_eq!(run_of(foreign), None, "{foreign}");
        }
    }
}
