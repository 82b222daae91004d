//! Reading and dumping a database at the same time, from one snapshot.

use std::collections::BTreeSet;

use dbkit::{DatabaseUrl, Report};
use tokio::sync::oneshot;

use crate::{
    BackupEvent, CreateError, CreateLimits, CreateRequest, Programs, TocEntry,
    create::cannot_write,
    dump::{Dump, Dumped},
    facts,
    fingerprint::{self, Relations},
    manifest::{Artifact, Client, Content, Extension, Migrations, SequenceState, Source},
    pipeline::Packed,
    snapshot::Snapshot,
    store::Draft,
    watch,
};

/// What a backup takes, so roughly that only a disk that is certainly too small is refused: text that
/// compresses to a quarter of what it takes on the server.
const SHARE_OF_ROWS: u64 = 4;

/// Workers would count sooner, for twice the CPU, and take it from the dump, which lasts longer anyway.
const ONE_AT_A_TIME: &str = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off";

/// What is to be taken, and with what.
pub(crate) struct Take<'a> {
    pub(crate) url: &'a DatabaseUrl,
    pub(crate) request: &'a CreateRequest,
    pub(crate) programs: &'a Programs,
    pub(crate) limits: &'a CreateLimits,
    pub(crate) report: &'a dyn Report<BackupEvent>,
}

/// What is known of a database once it was read and dumped.
pub(crate) struct Taken {
    pub(crate) source: Source,
    pub(crate) migrations: Option<Migrations>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) roles: Vec<String>,
    pub(crate) content: Content,
    pub(crate) client: Client,
    pub(crate) packed: Packed,
    pub(crate) toc: Vec<TocEntry>,
}

/// What is counted beside the dump.
struct Counted {
    rows: Vec<u64>,
    before: Vec<SequenceState>,
    after: Vec<SequenceState>,
}

impl Take<'_> {
    pub(crate) async fn run(&self, draft: &Draft) -> Result<Taken, CreateError> {
        let mut snapshot = Snapshot::open(self.url, self.limits.table_lock).await?;
        let version = snapshot.server_version().await?;
        let client = self.programs.choose("pg_dump", version)?;
        let user = facts::user(&mut snapshot).await?;
        let options = facts::text_options(&mut snapshot).await?;
        let source = facts::source(&mut snapshot, self.url, version).await?;
        let extensions = facts::extensions(&mut snapshot).await?;
        let migrations = facts::migrations(&mut snapshot).await?;
        let roles = facts::roles(&mut snapshot).await?;
        let relations = self.select(fingerprint::relations(&mut snapshot).await?)?;
        require_space(draft, facts::rows_size(&mut snapshot).await?)?;
        let exported = snapshot.export().await?;
        fingerprint::lock(&mut snapshot, &relations).await?;
        snapshot.execute("the settings", ONE_AT_A_TIME.to_owned()).await?;

        self.report.report(&BackupEvent::Dumping { database_bytes: source.bytes });
        let dump = Dump {
            url: self.url,
            user: &user,
            snapshot: &exported,
            tables: &self.patterns(),
            application: &format!("seaworthy backup {}", self.request.run.simple()),
            options: &options,
            programs: self.programs,
            client,
            recipients: &self.request.sealing.recipients,
            compression: self.request.compression,
            limits: self.limits,
        };
        let (counted, dumped) = self.beside(&mut snapshot, &relations, &dump, draft).await?;
        let (content, toc) = self.content(&mut snapshot, &relations, counted, &dumped).await?;
        snapshot.close().await;
        let client = Client { pg_dump_version: client.version.num };
        let roles = with_owners(roles, &toc);
        let packed = dumped.packed;
        Ok(Taken { source, migrations, extensions, roles, content, client, packed, toc })
    }

    /// Counts while the dump runs, and keeps the snapshot until it has ended.
    async fn beside(
        &self,
        snapshot: &mut Snapshot,
        relations: &Relations,
        dump: &Dump<'_>,
        draft: &Draft,
    ) -> Result<(Counted, Dumped), CreateError> {
        let file = Artifact::file_name(dump.recipients, dump.compression);
        let name = format!("{draft}/{file}");
        let (dumping, dumped) = oneshot::channel();
        let count = async {
            let before = fingerprint::states(snapshot, relations).await?;
            let rows = fingerprint::counts(snapshot, relations).await?;
            snapshot.keep_alive(dumped).await?;
            let after = fingerprint::states(snapshot, relations).await?;
            Ok::<_, CreateError>(Counted { rows, before, after })
        };
        let dump = async {
            let sink = draft.artifact(&file).await.map_err(cannot_write(&name))?;
            let running = dump.run(sink, &name, self.report);
            let done = watch::beside(running, self.url, dump.application, self.report).await?;
            drop(dumping);
            Ok(done)
        };
        tokio::try_join!(count, dump)
    }

    /// What was in the database, by the rows that went into the archive, or, where its format was not
    /// understood, by reading them once more.
    async fn content(
        &self,
        snapshot: &mut Snapshot,
        relations: &Relations,
        counted: Counted,
        dumped: &Dumped,
    ) -> Result<(Content, Vec<TocEntry>), CreateError> {
        let (mut content, toc) = if let Ok(survey) = &dumped.survey {
            let (tables, before) = (survey.tables(), &counted.before);
            let content = fingerprint::content_of(snapshot, relations, before, &tables).await?;
            (content, survey.toc.clone())
        } else {
            let content = fingerprint::content(snapshot, relations, self.report).await?;
            (content, Vec::new())
        };
        for (table, counted) in content.tables.iter().zip(counted.rows) {
            if table.rows != counted {
                let table_name = format!("{}.{}", table.schema, table.name);
                let (table, dumped) = (table_name, table.rows);
                return Err(CreateError::Incomplete { table, dumped, counted });
            }
        }
        let states = counted.before.into_iter().zip(counted.after);
        for (sequence, (before, after)) in content.sequences.iter_mut().zip(states) {
            (sequence.before, sequence.after) = (before, after);
        }
        if self.is_partial() {
            // Of the sequences only those come along that belong to a table.
            let archived = |name: &str| {
                toc.iter().any(|entry| entry.kind == "SEQUENCE SET" && entry.name == name)
            };
            content.sequences.retain(|sequence| archived(&sequence.name));
            content.large_objects = crate::LargeObjects::default();
        }
        Ok((content, toc))
    }

    fn is_partial(&self) -> bool {
        !self.request.tables.is_empty()
    }

    /// The schema and name of every table that was asked for.
    fn wanted(&self) -> Vec<(&str, &str)> {
        self.request.tables.iter().map(|text| schema_and_name(text)).collect()
    }

    /// The tables as `pg_dump` wants them: patterns that stand for themselves.
    fn patterns(&self) -> Vec<String> {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let pattern = |(schema, name)| format!("{}.{}", quoted(schema), quoted(name));
        self.wanted().into_iter().map(pattern).collect()
    }

    fn select(&self, relations: Relations) -> Result<Relations, CreateError> {
        if !self.is_partial() {
            return Ok(relations);
        }
        let wanted = self.wanted();
        let there: BTreeSet<_> = relations.tables().collect();
        let missing = wanted.iter().zip(&self.request.tables);
        if let Some((_, text)) = missing.into_iter().find(|(table, _)| !there.contains(*table)) {
            return Err(CreateError::NoSuchTable(text.clone()));
        }
        Ok(relations.only_tables(|schema, name| wanted.contains(&(schema, name))))
    }
}

fn require_space(draft: &Draft, rows: u64) -> Result<(), CreateError> {
    let place = draft.to_string();
    let free = draft.free_bytes().map_err(cannot_write(&place))?;
    let needed = rows / SHARE_OF_ROWS;
    match free {
        Some(free) if free < needed => Err(CreateError::NoSpace { place, free, needed }),
        _ => Ok(()),
    }
}

/// A table as people write it: without a schema it is one of `public`.
pub(crate) fn schema_and_name(text: &str) -> (&str, &str) {
    text.split_once('.').unwrap_or(("public", text))
}

/// The roles that the catalog names, and the owners in the archive, who may be built in.
fn with_owners(roles: Vec<String>, toc: &[TocEntry]) -> Vec<String> {
    let owners = toc.iter().map(|entry| entry.owner.clone()).filter(|owner| !owner.is_empty());
    let all: BTreeSet<_> = roles.into_iter().chain(owners).collect();
    all.into_iter().collect()
}
