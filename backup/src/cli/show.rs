//! `backup show`

use backup::{
    Dossier, Manifest,
    command::{FolderFlags, explain, size},
};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

#[derive(Args)]
pub(super) struct Flags {
    /// Which backup: a name, the beginning of one, or `latest`
    #[arg(default_value = "latest", value_name = "BACKUP")]
    backup: String,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Serialize)]
struct Shown {
    place: String,
    manifest: Manifest,
    dossier: Dossier,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let store = flags.folder.store(context)?;
    let backup = backup::find(&store, None, &flags.backup).await.map_err(explain::find)?;
    let dossier = backup::dossier(&backup).await.map_err(|error| explain::read(&backup, error))?;
    let place = backup.place.to_string();
    context.answer(&Shown { place, manifest: backup.manifest, dossier })
}

/// How many tables are shown to people; JSON has all of them.
const TABLES: usize = 20;

impl Shown {
    fn facts(&self) -> Vec<(&'static str, String)> {
        let Manifest { source, artifact, migrations, .. } = &self.manifest;
        let version = |num: u32| format!("{}.{}", num / 10_000, num % 10_000);
        let sealed = match (&artifact.recipients[..], artifact.is_sealed()) {
            (_, false) => "no: everybody can read it".to_owned(),
            ([], true) => "with a passphrase".to_owned(),
            (recipients, true) => format!("for {}", recipients.join(", ")),
        };
        let mut facts = vec![
            ("kind", self.manifest.kind.clone()),
            ("begun", self.manifest.started_at.format("%F %T UTC").to_string()),
            ("environment", self.manifest.environment.clone()),
            ("database", format!("`{}` on {}:{}", source.database, source.host, source.port)),
            ("server", version(source.server_version)),
            ("pg_dump", version(self.manifest.client.pg_dump_version)),
            ("stored", format!("{} of {}", size(artifact.stored.bytes), size(artifact.raw.bytes))),
            ("sealed", sealed),
            ("rows", format!("{} in {} tables", self.manifest.rows(), self.tables())),
        ];
        let head = migrations.as_ref().and_then(|migrations| migrations.head.clone());
        facts.extend(head.map(|head| ("migration", head)));
        let tables = self.manifest.selection.as_ref().map(|tables| tables.join(", "));
        facts.extend(tables.map(|tables| ("only", tables)));
        facts.extend(self.manifest.name.clone().map(|name| ("name", name)));
        facts.extend(self.manifest.sanitised.as_ref().map(|_| ("sanitised", "yes".to_owned())));
        facts.extend(
            self.dossier
                .pin
                .as_ref()
                .map(|pin| ("pinned", pin.reason.clone().unwrap_or_else(|| "yes".to_owned()))),
        );
        let verified = self.dossier.verified_at();
        let verified = verified.map_or_else(
            || "never, by more than its digests".to_owned(),
            |at| at.format("%F %T UTC").to_string(),
        );
        facts.push(("verified", verified));
        facts
    }

    fn tables(&self) -> usize {
        self.manifest.content.tables.len()
    }
}

impl Answer for Shown {
    const SCHEMA: &'static str = "seaworthy/backup.show/1";

    fn text(&self) -> String {
        let facts = self.facts();
        let facts = facts.iter().map(|(name, value)| format!("  {name:<12} {value}\n"));
        let mut tables: Vec<_> = self.manifest.content.tables.iter().collect();
        tables.sort_by_key(|table| std::cmp::Reverse(table.rows));
        let row = |table: &&backup::TableContent| {
            [format!("{}.{}", table.schema, table.name), table.rows.to_string()]
        };
        let rows: Vec<_> = tables.iter().take(TABLES).map(row).collect();
        let more = match tables.len().saturating_sub(TABLES) {
            0 => String::new(),
            more => format!("\n\nand {more} more tables"),
        };
        format!(
            "{}\n{}\n{}{more}\n\nIn {}",
            self.manifest.id,
            facts.collect::<String>(),
            table(["table", "rows"], &rows),
            self.place,
        )
    }
}
