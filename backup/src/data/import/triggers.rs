//! The team's own triggers, silent for as long as the transaction lasts.
//!
//! Those that check foreign keys are the server's and stay.

use dbkit::Identifier;

use super::{
    error::{ImportError, failed},
    target::Target,
};
use crate::data::session::Session;

/// A trigger that was enabled.
#[derive(Clone, Debug)]
pub(super) struct Silenced {
    schema: String,
    table: String,
    name: String,
    is_always: bool,
}

impl Silenced {
    fn alter(&self, how: &str) -> String {
        let (schema, table) = (Identifier(&self.schema), Identifier(&self.table));
        format!("ALTER TABLE ONLY {schema}.{table} {how} TRIGGER {}", Identifier(&self.name))
    }
}

/// Disables the triggers of the tables and of their partitions.
pub(super) async fn silence(
    session: &mut Session,
    targets: &[Target<'_>],
) -> Result<Vec<Silenced>, ImportError> {
    let mut silenced = Vec::new();
    for target in targets {
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text, t.tgname::text, t.tgenabled = 'A'
             FROM pg_trigger t
             JOIN pg_class c ON c.oid = t.tgrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgrelid IN (
                 SELECT relid FROM pg_partition_tree({oid}) UNION ALL SELECT {oid}
             )
             ORDER BY n.nspname, c.relname, t.tgname",
            oid = target.relation.oid,
        );
        let looking = failed(&format!("look for triggers of {}", target.table));
        let rows: Vec<(String, String, String, bool)> =
            session.rows(&sql).await.map_err(looking)?;
        let enabled =
            |(schema, table, name, is_always)| Silenced { schema, table, name, is_always };
        silenced.extend(rows.into_iter().map(enabled));
    }
    alter(session, &silenced, |_| "DISABLE").await?;
    Ok(silenced)
}

/// Enables them again as they were.
pub(super) async fn restore(
    session: &mut Session,
    silenced: &[Silenced],
) -> Result<(), ImportError> {
    alter(session, silenced, |one| if one.is_always { "ENABLE ALWAYS" } else { "ENABLE" }).await
}

async fn alter(
    session: &mut Session,
    triggers: &[Silenced],
    how: impl Fn(&Silenced) -> &'static str,
) -> Result<(), ImportError> {
    for trigger in triggers {
        let sql = trigger.alter(how(trigger));
        let what = failed(&format!("switch trigger `{}`", trigger.name));
        session.execute(&sql).await.map_err(what)?;
    }
    Ok(())
}
