//! Which backups may go.
//!
//! Pure: what is known of the backups, a policy and a moment go in, a verdict for each comes out. Kinds are
//! kept apart, so that backups before migrations never push out the nightly ones. Only what is complete
//! and valid counts; a damaged one neither counts nor goes, since somebody should look at it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use crate::BackupId;

/// What is kept, of each database and each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// The newest so many.
    pub last: usize,
    /// The newest of each of the last so many days that have one, in UTC.
    pub daily: usize,
    /// The newest of each of the last so many weeks that have one, from Monday to Sunday.
    pub weekly: usize,
    /// The newest of each of the last so many months that have one.
    pub monthly: usize,
    /// All that are not older than this, in seconds.
    pub within_seconds: Option<i64>,
}

/// What is known of one backup.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its name.
    pub id: BackupId,
    /// The folder of its database, which tells two of one name apart.
    pub database: String,
    /// Why it was made.
    pub kind: String,
    /// When it was begun. Names and file times are not asked.
    pub started_at: DateTime<Utc>,
    /// Whether it is complete and, as far as can be seen without reading all of it, sound.
    pub valid: bool,
    /// When it was last found to be sound by more than its digests.
    pub verified_at: Option<DateTime<Utc>>,
    /// Whether somebody wants to keep it.
    pub pinned: bool,
}

/// What becomes of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Somebody wants to keep it.
    Pinned,
    /// It is damaged, and somebody should look at it.
    Damaged,
    /// It is the newest good one of its database.
    LastGood,
    /// It is the newest verified one of its database.
    NewestVerified,
    /// It is one of the newest of its kind.
    Last,
    /// It is not old enough.
    Within,
    /// It stands for its day.
    Daily,
    /// It stands for its week.
    Weekly,
    /// It stands for its month.
    Monthly,
    /// Nothing keeps it, but somebody reads it just now.
    InUse,
    /// Nothing keeps it, but the store, which does not let it go.
    Retained,
    /// Nothing keeps it.
    Goes,
}

impl Retention {
    /// Whether it would keep nothing on its own account.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Judges every backup, in the order in which they came.
pub fn judge(backups: &[Known], policy: &Retention, now: DateTime<Utc>) -> Vec<Verdict> {
    let kept = Kept::of(backups, policy, now);
    let verdict = |(index, backup): (usize, &Known)| match () {
        () if backup.pinned => Verdict::Pinned,
        () if !backup.valid => Verdict::Damaged,
        () if kept.last_good.contains(&index) => Verdict::LastGood,
        () if kept.newest_verified.contains(&index) => Verdict::NewestVerified,
        () => kept.by_policy.get(&index).copied().unwrap_or(Verdict::Goes),
    };
    backups.iter().enumerate().map(verdict).collect()
}

/// Names the day, week or month that a day belongs to.
type Period = fn(NaiveDate) -> (i32, u32);

#[derive(Default)]
struct Kept {
    last_good: BTreeSet<usize>,
    newest_verified: BTreeSet<usize>,
    by_policy: BTreeMap<usize, Verdict>,
}

impl Kept {
    fn of(backups: &[Known], policy: &Retention, now: DateTime<Utc>) -> Self {
        let mut kept = Self::default();
        let mut valid: Vec<usize> = (0..backups.len()).filter(|&i| backups[i].valid).collect();
        valid.sort_by_key(|&index| (std::cmp::Reverse(backups[index].started_at), index));
        let mut kinds: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        let (mut seen, mut verified) = (BTreeSet::new(), BTreeSet::new());
        for index in valid {
            let backup = &backups[index];
            if seen.insert(&backup.database) {
                kept.last_good.insert(index);
            }
            if backup.verified_at.is_some() && verified.insert(&backup.database) {
                kept.newest_verified.insert(index);
            }
            kinds.entry((&backup.database, &backup.kind)).or_default().push(index);
        }
        for newest_first in kinds.values() {
            kept.keep(backups, newest_first, policy, now);
        }
        kept
    }

    fn keep(
        &mut self,
        backups: &[Known],
        newest_first: &[usize],
        policy: &Retention,
        now: DateTime<Utc>,
    ) {
        let mut keep = |index: usize, verdict| {
            self.by_policy.entry(index).or_insert(verdict);
        };
        for &index in newest_first.iter().take(policy.last) {
            keep(index, Verdict::Last);
        }
        if let Some(within) = policy.within_seconds.and_then(TimeDelta::try_seconds) {
            // A clock that was wrong may have dated one in the future: it is not older.
            let young = |&&index: &&usize| now - backups[index].started_at <= within;
            for &index in newest_first.iter().filter(young) {
                keep(index, Verdict::Within);
            }
        }
        let periods: [(usize, Verdict, Period); 3] = [
            (policy.daily, Verdict::Daily, |day| (day.year(), day.ordinal())),
            (policy.weekly, Verdict::Weekly, |day| (day.iso_week().year(), day.iso_week().week())),
            (policy.monthly, Verdict::Monthly, |day| (day.year(), day.month())),
        ];
        for (count, verdict, period) in periods {
            let mut seen = BTreeSet::new();
            for &index in newest_first {
                if seen.len() == count {
                    break;
                }
                if seen.insert(period(backups[index].started_at.date_naive())) {
                    keep(index, verdict);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Verdict::{
            Daily, Damaged, Goes, Last, LastGood, Monthly, NewestVerified, Pinned, Weekly, Within,
        },
        *,
    };

    /// One of database `shop` that was begun on a day at noon.
    fn known(day: &str, kind: &str) -> Known {
        let time = format!("{}T120000Z", day.replace('-', ""));
        let started_at = format!("{day}T12:00:00Z").parse().unwrap();
        Known {
            id: format!("{time}_{kind}_00000000").parse().unwrap(),
            database: "shop".to_owned(),
            kind: kind.to_owned(),
            started_at,
            valid: true,
            verified_at: None,
            pinned: false,
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn days(days: &[&str]) -> Vec<Known> {
        days.iter().map(|day| known(day, "manual")).collect()
    }

    #[test]
    fn the_simple_form_keeps_the_newest_of_each_kind() {
        let mut backups = days(&["2026-11-20", "2026-11-26", "2026-11-25", "2026-11-24"]);
        backups.push(known("2026-11-01", "before-migration"));
        let policy = Retention { last: 2, ..Retention::default() };
        let verdicts = judge(&backups, &policy, now());
        assert_eq!(verdicts, [Goes, LastGood, Last, Goes, Last]);
    }

    #[test]
    fn the_last_good_one_the_newest_verified_one_and_pinned_ones_stay_without_any_policy() {
        let mut backups = days(&["2026-11-26", "2026-11-25", "2026-11-24", "2026-11-23"]);
        backups[0].valid = false;
        backups[2].verified_at = Some(now());
        backups[3].verified_at = Some(now());
        backups.extend(days(&["2020-01-01"]));
        backups[4].pinned = true;
        let verdicts = judge(&backups, &Retention::default(), now());
        assert_eq!(verdicts, [Damaged, LastGood, NewestVerified, Goes, Pinned]);
    }

    #[test]
    fn damaged_ones_do_not_count() {
        let mut backups = days(&["2026-11-26", "2026-11-25", "2026-11-24", "2026-11-23"]);
        for broken in &mut backups[..2] {
            broken.valid = false;
        }
        let policy = Retention { last: 2, ..Retention::default() };
        let verdicts = judge(&backups, &policy, now());
        assert_eq!(verdicts, [Damaged, Damaged, LastGood, Last]);
    }

    #[test]
    fn days_weeks_and_months_keep_their_newest() {
        let backups = days(&[
            "2026-11-26",
            "2026-11-25",
            "2026-11-23",
            "2026-11-22",
            "2026-11-15",
            "2026-10-31",
            "2026-10-01",
            "2026-09-30",
        ]);
        let policy = Retention { daily: 2, weekly: 3, monthly: 3, ..Retention::default() };
        // The 23rd is in the week of the 26th; the 22nd is the Sunday before.
        let expected = [LastGood, Daily, Goes, Weekly, Weekly, Monthly, Goes, Monthly];
        assert_eq!(judge(&backups, &policy, now()), expected);
    }

    #[test]
    fn what_is_young_or_from_the_future_stays() {
        let backups = days(&["2027-01-01", "2026-11-26", "2026-11-25", "2026-11-20"]);
        let policy = Retention { within_seconds: Some(2 * 86_400), ..Retention::default() };
        assert_eq!(judge(&backups, &policy, now()), [LastGood, Within, Within, Goes]);
    }

    #[test]
    fn databases_do_not_push_out_each_other() {
        let mut backups = days(&["2026-11-26", "2026-11-20"]);
        backups[1].database = "other".to_owned();
        let verdicts = judge(&backups, &Retention::default(), now());
        assert_eq!(verdicts, [LastGood, LastGood]);
    }

    /// The promise that matters, for every small set of backups.
    #[test]
    fn the_newest_good_one_never_goes_whatever_the_set_and_the_policy() {
        let all = days(&["2026-11-26", "2026-11-25", "2026-11-18", "2026-10-18"]);
        for damaged in 0..16_u32 {
            for policy in 0..16_usize {
                let mut backups = all.clone();
                for (index, backup) in backups.iter_mut().enumerate() {
                    backup.valid = damaged & (1 << index) == 0;
                }
                let policy = Retention {
                    last: policy & 1,
                    daily: policy >> 1 & 1,
                    weekly: policy >> 2 & 1,
                    monthly: policy >> 3 & 1,
                    within_seconds: None,
                };
                let verdicts = judge(&backups, &policy, now());
                let newest = backups.iter().position(|backup| backup.valid);
                if let Some(newest) = newest {
                    assert_eq!(verdicts[newest], LastGood, "{damaged} {policy:?}");
                }
            }
        }
    }
}
