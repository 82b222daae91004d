//! What we write on a database as a whole, in its comment: enough to put things right from any machine.
//!
//! The comment of the team stands in it, and comes back when the mark goes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is written on a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum Mark {
    /// It is about to be replaced, and lets nobody in for that moment.
    Closed {
        /// The run that does it.
        run: Uuid,
        /// Its comment.
        comment: Option<String>,
    },
    /// It was replaced, and is kept under another name.
    Aside(Aside),
}

/// A database that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aside {
    /// The run that replaced it.
    pub(crate) run: Uuid,
    /// The name that it had.
    pub(crate) of: String,
    /// The number of the database that has that name now.
    pub(crate) replaced_by: i64,
    /// The backup that is in that one, unless this was an undo.
    pub(crate) backup: Option<String>,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// Its comment.
    pub(crate) comment: Option<String>,
}

impl Mark {
    /// What the comment begins with, so that a person who sees it knows whom to ask.
    pub(crate) const BEGINNING: &str = "seaworthy: ";

    /// The comment to write.
    pub(crate) fn to_comment(&self) -> String {
        let json = serde_json::to_string(self).expect("texts and numbers always serialise");
        format!("{}{json}", Self::BEGINNING)
    }

    /// The mark in a comment, unless the comment is somebody else's.
    pub(crate) fn of(comment: Option<&str>) -> Option<Self> {
        serde_json::from_str(comment?.strip_prefix(Self::BEGINNING)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let run = Uuid::from_u128(7);
        let comment = Some("Shop's \u{1F3A1}\n\\ {\"state\": \"closed\"}".to_owned());
        let aside = Aside {
            run,
            of: "sh\"op".to_owned(),
            replaced_by: 4_294_967_295,
            backup: Some("20261120T214530Z_manual_9f1c02ab".to_owned()),
            at: DateTime::from_timestamp(1_795_211_130, 0).unwrap(),
            comment: comment.clone(),
        };
        for mark in [Mark::Closed { run, comment }, Mark::Aside(aside)] {
            let written = mark.to_comment();
            assert!(written.starts_with("seaworthy: {\"state\":"), "{written}");
            assert_eq!(Mark::of(Some(&written)), Some(mark));
        }
    }

    #[test]
    fn a_comment_of_the_team_is_no_mark() {
        for comment in ["", "The shop", "seaworthy: is what it must be", "seaworthy: {\"state\":1}"]
        {
            assert_eq!(Mark::of(Some(comment)), None, "{comment}");
        }
        assert_eq!(Mark::of(None), None);
    }
}
