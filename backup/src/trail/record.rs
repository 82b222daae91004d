//! One line of the trail.

use dbkit::audit::Event;
use serde::{Deserialize, Serialize};

use crate::digest::digest;

/// What the first record has in the place of a hash.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What stands between the record and its hash.
const MARK: &str = r#","sha256":""#;

/// What stands behind it, with the end of the line.
const END: &str = "\"}\n";

#[derive(Serialize, Deserialize)]
struct Record {
    prev_sha256: String,
    #[serde(flatten)]
    event: Event,
}

/// A record that was read.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) event: Event,
    /// What it says is the hash of the record before it.
    pub(super) before: String,
    /// What it says is its own.
    pub(super) hash: String,
    /// Whether it is.
    pub(super) is_whole: bool,
}

/// The line of `event`, which follows the record with the hash `before`.
pub(super) fn encode(event: &Event, before: &str) -> serde_json::Result<String> {
    let record = Record { prev_sha256: before.to_owned(), event: event.clone() };
    let mut line = serde_json::to_string(&record)?;
    let hash = digest(line.as_bytes()).sha256;
    line.pop();
    Ok(line + MARK + &hash + END)
}

/// Reads a line with its end; nothing where it is none of ours.
pub(super) fn decode(line: &[u8]) -> Option<Link> {
    let line = std::str::from_utf8(line).ok()?;
    let (record, hash) = line.strip_suffix(END)?.rsplit_once(MARK)?;
    let record = format!("{record}}}");
    let is_whole = digest(record.as_bytes()).sha256 == hash;
    let Record { prev_sha256: before, event } = serde_json::from_str(&record).ok()?;
    Some(Link { event, before, hash: hash.to_owned(), is_whole })
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    pub(in crate::trail) fn event(position: i64, outcome: &str) -> Event {
        Event {
            position,
            at: DateTime::from_timestamp(1_795_211_130, 123_456_789).unwrap(),
            operation_id: Uuid::from_u128(7),
            tool: "backup".to_owned(),
            command: "restore \",\"sha256\":\"0\"}\n".to_owned(),
            outcome: outcome.to_owned(),
            environment: "testing".to_owned(),
            actor: "ann".to_owned(),
            host: "laptop".to_owned(),
            detail: json!({ "bytes": u64::MAX, "seconds": 0.1, "text": "ü\u{2028}", "none": null }),
        }
    }

    #[test]
    fn what_was_written_is_read_whatever_is_in_it() {
        let line = encode(&event(1, "intent"), NOTHING).unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        let read = decode(line.as_bytes()).unwrap();
        assert!(read.is_whole);
        assert_eq!((read.event, read.before.as_str()), (event(1, "intent"), NOTHING));
    }

    #[test]
    fn no_bit_of_a_line_can_be_changed_unseen() {
        let line = encode(&event(1, "intent"), NOTHING).unwrap().into_bytes();
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.clone();
                changed[at] ^= 1 << bit;
                let is_whole = decode(&changed).is_some_and(|link| link.is_whole);
                assert!(!is_whole, "byte {at}, bit {bit}");
            }
        }
    }
}
