//! Keeping a team's triggers out of the way while rows are put back as they were.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbErr};

use super::{execute, query};

/// The triggers of one table that are switched off, and how to switch each on again.
pub(super) struct SwitchedOff {
    table: String,
    on: Vec<String>,
}

impl SwitchedOff {
    /// Switches them off for `table`, which is quoted. Foreign keys stay on.
    pub(super) async fn begin(conn: &impl ConnectionTrait, table: &str) -> Result<Self, DbErr> {
        const TRIGGERS: &str = "
SELECT tgname::text, tgenabled::text FROM pg_trigger
WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgenabled <> 'D'
ORDER BY tgname";
        let rows = conn.query_all_raw(query(TRIGGERS, [table.into()])).await?;
        let on = rows.iter().map(|row| {
            let (name, enabled): (String, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok(format!("ENABLE {}TRIGGER {}", when(&enabled), Identifier(&name)))
        });
        let on = on.collect::<Result<Vec<_>, DbErr>>()?;
        let switched = Self { table: table.to_owned(), on };
        if !switched.on.is_empty() {
            settle(conn).await?;
            execute(conn, &format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await?;
        }
        Ok(switched)
    }

    /// Leaves each as it was found.
    pub(super) async fn end(self, conn: &impl ConnectionTrait) -> Result<(), DbErr> {
        if self.on.is_empty() {
            return Ok(());
        }
        settle(conn).await?;
        execute(conn, &format!("ALTER TABLE {} {}", self.table, self.on.join(", "))).await?;
        Ok(())
    }
}

/// ALTER TABLE is refused while a deferred constraint is still to be checked.
async fn settle(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    execute(conn, "SET CONSTRAINTS ALL IMMEDIATE").await.map(drop)
}

/// The word for what `pg_trigger.tgenabled` says.
fn when(enabled: &str) -> &'static str {
    match enabled {
        "A" => "ALWAYS ",
        "R" => "REPLICA ",
        _ => "",
    }
}
