//! Sequences that will hand out numbers which are taken.

use sea_orm::{DbErr, QueryResult};

use super::{DataReport, SEQUENCE};
use crate::{
    Finding,
    bounded::{Bounded, Reply},
};

/// Each column that is filled from a sequence: by identity, by ownership, or by its default alone.
const SEQUENCES: &str = "
SELECT format('%I.%I', sn.nspname, s.relname), format('%I.%I', tn.nspname, t.relname), quote_ident(a.attname),
       format('%s.%s', format('%I.%I', tn.nspname, t.relname), a.attname), seq.seqincrement
FROM (
    SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS attnum
    FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid, def.adrelid, def.adnum
    FROM pg_depend d JOIN pg_attrdef def ON def.oid = d.objid
    WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
) filled
JOIN pg_class s ON s.oid = filled.sequence AND s.relkind = 'S'
JOIN pg_sequence seq ON seq.seqrelid = s.oid
JOIN pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_class t ON t.oid = filled.relation AND t.relkind IN ('r', 'p')
JOIN pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = filled.attnum
WHERE tn.nspname NOT LIKE 'pg\\_%' AND tn.nspname NOT IN ('information_schema', 'seaworthy')
  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
ORDER BY 1, 4";

struct Filled {
    sequence: String,
    table: String,
    column: String,
    place: String,
    ascending: bool,
}

pub(super) async fn check(bounded: &Bounded<'_>, report: &mut DataReport) -> Result<(), DbErr> {
    let rows = match bounded.ask(SEQUENCES).await? {
        Reply::Rows(rows) => rows,
        Reply::NotNow(why) => {
            let message = format!("not checked: {why}");
            report.findings.push(Finding::info(SEQUENCE, "the sequences", message));
            return Ok(());
        }
    };
    for row in rows {
        let filled = Filled::of(&row)?;
        report.sequences += 1;
        report.findings.extend(filled.check(bounded).await?);
    }
    Ok(())
}

impl Filled {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            sequence: row.try_get_by_index(0)?,
            table: row.try_get_by_index(1)?,
            column: row.try_get_by_index(2)?,
            place: row.try_get_by_index(3)?,
            ascending: row.try_get_by_index::<i64>(4)? > 0,
        })
    }

    async fn check(&self, bounded: &Bounded<'_>) -> Result<Option<Finding>, DbErr> {
        let Self { sequence, place, .. } = self;
        let subject = format!("sequence {sequence}");
        let rows = match bounded.ask(&self.question()).await? {
            Reply::Rows(rows) => rows,
            Reply::NotNow(why) => {
                return Ok(Some(Finding::info(SEQUENCE, subject, format!("not checked: {why}"))));
            }
        };
        let Some(row) = rows.first() else { return Ok(None) };
        let (next, taken): (i64, Option<i64>) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let is_behind =
            taken.filter(|taken| if self.ascending { next <= *taken } else { next >= *taken });
        Ok(is_behind.map(|taken| {
            let message = format!("its next number is {next}, and {place} has {taken} already: an insert fails or repeats a number");
            Finding::error(SEQUENCE, subject, message)
                .hint(format!("SELECT setval('{}', {taken})", sequence.replace('\'', "''")))
        }))
    }

    fn question(&self) -> String {
        let Self { sequence, table, column, .. } = self;
        let (extreme, step) = (if self.ascending { "max" } else { "min" }, "seqincrement");
        format!(
            "SELECT CASE WHEN s.is_called THEN s.last_value + p.{step} ELSE s.last_value END,
                    (SELECT {extreme}({column})::bigint FROM {table})
             FROM {sequence} s, pg_sequence p WHERE p.seqrelid = s.tableoid"
        )
    }
}
