//! Indexes that a failed build left behind.

use sea_orm::DbErr;

use super::{DataReport, INVALID_INDEX};
use crate::{
    Finding,
    bounded::{Bounded, Reply},
};

/// Every index with whether it is in order, and whether somebody is building it right now.
const INDEXES: &str = "
SELECT format('%I.%I', n.nspname, c.relname),
       i.indisvalid AND i.indisready AND i.indislive,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid),
       i.indisunique
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'seaworthy')
ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

pub(super) async fn check(bounded: &Bounded<'_>, report: &mut DataReport) -> Result<(), DbErr> {
    let rows = match bounded.ask(INDEXES).await? {
        Reply::Rows(rows) => rows,
        Reply::NotNow(why) => {
            let message = format!("not checked: {why}");
            report.findings.push(Finding::info(INVALID_INDEX, "the indexes", message));
            return Ok(());
        }
    };
    report.indexes = rows.len();
    for row in rows {
        let index: String = row.try_get_by_index(0)?;
        let (is_valid, is_being_built, is_unique): (bool, bool, bool) =
            (row.try_get_by_index(1)?, row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        if !is_valid {
            report.findings.push(finding(&index, is_being_built, is_unique));
        }
    }
    Ok(())
}

fn finding(index: &str, is_being_built: bool, is_unique: bool) -> Finding {
    let subject = format!("index {index}");
    if is_being_built {
        return Finding::info(INVALID_INDEX, subject, "it is being built right now");
    }
    let message = if is_unique {
        "it is invalid: queries do not use it, writers keep it up, and duplicates may be there"
    } else {
        "it is invalid: queries do not use it, and writers keep it up"
    };
    Finding::error(INVALID_INDEX, subject, message)
        .hint(format!("DROP INDEX CONCURRENTLY {index}, then build it again"))
}
