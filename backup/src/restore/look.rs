//! What the database holds as the session sees it that has just filled it, before it commits.

use serde::de::DeserializeOwned;

use super::{RestoreError, psql::Psql};
use crate::{
    fingerprint::{self, Relations},
    manifest::{Content, LargeObjects, Manifest, SequenceState},
    snapshot,
};

/// Counts and hashes; nothing if the session has ended with an error.
pub(super) async fn look(
    psql: &mut Psql,
    manifest: &Manifest,
    wanted: impl Fn(&str, &str) -> bool,
) -> Result<Option<Content>, RestoreError> {
    let monetary = dbkit::Literal(&manifest.source.monetary).to_string();
    // A locale that is unknown here makes another text of a `money`, which the comparison tells.
    let known = format!(
        "DO $$ BEGIN SET lc_monetary = {monetary}; EXCEPTION WHEN OTHERS THEN NULL; END $$"
    );
    psql.silently().await?;
    for settings in [snapshot::SETTINGS, "SET client_encoding = 'UTF8'", &known] {
        psql.say(settings).await?;
    }
    psql.aloud().await?;
    let list = format!(
        "SELECT json_build_array(a, b, c, d, e) FROM ({}) AS relations (a, b, c, d, e)",
        fingerprint::RELATIONS
    );
    let Some(rows) = ask(psql, &list).await? else { return Ok(None) };
    let relations = Relations::of(rows).in_order_of(&manifest.content).only_tables(wanted);
    let mut tallies = Vec::new();
    for copy in relations.copies() {
        let Some(tally) = psql.tally(&copy).await? else { return Ok(None) };
        tallies.push(tally);
    }
    let mut states = Vec::new();
    for state in relations.positions() {
        let state =
            format!("SELECT json_build_array(last_value, is_called) FROM ({state}) AS state");
        let Some(found) = ask::<(i64, bool)>(psql, &state).await? else { return Ok(None) };
        states.extend(
            found
                .into_iter()
                .map(|(last_value, is_called)| SequenceState { last_value, is_called }),
        );
    }
    let objects = format!(
        "SELECT json_build_array(count, hash) FROM ({}) AS objects (count, hash)",
        fingerprint::LARGE_OBJECTS
    );
    let Some(objects) = ask::<(u64, String)>(psql, &objects).await? else { return Ok(None) };
    let large_objects = objects.into_iter().next().unwrap_or_default();
    let large_objects = LargeObjects { count: large_objects.0, hash: large_objects.1 };
    Ok(Some(relations.come_to(&tallies, &states, large_objects)))
}

/// Asks for rows of JSON.
async fn ask<T: DeserializeOwned>(
    psql: &mut Psql,
    query: &str,
) -> Result<Option<Vec<T>>, RestoreError> {
    let Some(rows) = psql.ask(query).await? else { return Ok(None) };
    let parsed: Result<_, _> = rows.iter().map(|row| serde_json::from_str(row)).collect();
    parsed.map(Some).map_err(|error| RestoreError::Start {
        program: "psql",
        source: std::io::Error::other(error),
    })
}
