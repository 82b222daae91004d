//! What would bring the database to what the entities need, and take it back.
//!
//! Additions are written as SQL. Where something could be lost, or there is more than one way, there
//! is a question instead: which way is right is in nobody's catalog.

use std::collections::BTreeMap;

use dbkit::{Identifier, Literal};
use sea_orm::{DatabaseConnection, DbErr};

use super::{
    catalog::Catalog,
    decode::Fit,
    definition::{Column, Definitions, Enumeration, ForeignKey, Name, Table},
    difference::{Difference, Kind, differences},
    enumeration_use::{EnumerationUse, list},
    quoted,
};

/// What would bring the database to what the entities need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// The statements, in order.
    pub up: Vec<String>,
    /// The statements that take them back, in order.
    pub down: Vec<String>,
    /// What a person has to decide.
    pub questions: Vec<Question>,
}

/// What a person has to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it is about, such as `column public.users.email`, and what is wrong.
    pub about: String,
    /// The ways to answer it.
    pub options: Vec<String>,
}

/// What would bring the database behind `db` to what `definitions` say. Reads only.
pub async fn remedy(
    db: &DatabaseConnection,
    definitions: &Definitions,
    ledger: &str,
) -> Result<Remedy, DbErr> {
    let catalog = Catalog::read(db).await?;
    let differences = differences(definitions, &catalog, ledger);
    let mut uses = BTreeMap::new();
    for difference in &differences {
        if matches!(difference.kind, Kind::LabelsMissing { .. }) {
            let of = difference.of.clone();
            uses.insert(of.clone(), EnumerationUse::read(db, &of).await?);
        }
    }
    Ok(Draft { schema: &catalog.schema, uses: &uses }.remedy(&differences))
}

/// A change and its reverse.
struct Step {
    rank: Rank,
    up: Vec<String>,
    down: Vec<String>,
}

/// What must be there before what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Type,
    Table,
    Column,
    Key,
    ForeignKey,
    Index,
}

struct Draft<'a> {
    /// Names in this schema are written without it, as in the other migrations.
    schema: &'a str,
    uses: &'a BTreeMap<Name, EnumerationUse>,
}

impl Draft<'_> {
    fn remedy(&self, differences: &[Difference]) -> Remedy {
        let mut steps: Vec<_> = differences.iter().flat_map(|found| self.steps(found)).collect();
        steps.sort_by_key(|step| step.rank);
        let down = steps.iter().rev().flat_map(|step| step.down.clone()).collect();
        let up = steps.into_iter().flat_map(|step| step.up).collect();
        let questions = differences.iter().filter_map(|found| self.question(found)).collect();
        Remedy { up, down, questions }
    }

    fn steps(&self, found: &Difference) -> Vec<Step> {
        let of = self.short(&found.of);
        match &found.kind {
            Kind::TypeMissing(wanted) => vec![create_type(&of, wanted)],
            Kind::LabelsMissing { wanted, live } => vec![self.add_labels(found, wanted, live)],
            Kind::TableMissing(table) => create_table(&of, table),
            Kind::ColumnMissing(column) if can_be_added(column) => vec![add_column(&of, column)],
            Kind::DefaultMissing(column) => set_default(&of, column).into_iter().collect(),
            Kind::KeyMissing { columns, primary: false } => vec![add_unique(&of, columns)],
            Kind::ForeignKeyMissing(key) => vec![add_foreign_key(&of, key)],
            Kind::IndexMissing(columns) => vec![create_index(&of, columns)],
            _ => Vec::new(),
        }
    }

    fn short(&self, name: &Name) -> Name {
        let schema = name.schema.clone().filter(|schema| schema != self.schema);
        Name { schema, name: name.name.clone() }
    }

    fn add_labels(&self, found: &Difference, wanted: &Enumeration, live: &[String]) -> Step {
        let of = self.short(&found.of);
        let type_name = quoted(&of);
        let missing = wanted.labels.iter().enumerate().filter(|(_, label)| !live.contains(label));
        let add = missing.map(|(place, label)| {
            let neighbour =
                match (place.checked_sub(1).map(|before| &wanted.labels[before]), live.first()) {
                    (Some(before), _) => format!(" AFTER {}", Literal(before)),
                    (None, Some(first)) => format!(" BEFORE {}", Literal(first)),
                    (None, None) => String::new(),
                };
            format!("ALTER TYPE {type_name} ADD VALUE {}{neighbour}", Literal(label))
        });
        let used = self.uses.get(&found.of).filter(|used| used.others == 0);
        let down = used.map_or_else(Vec::new, |used| used.reduce(&of, live));
        Step { rank: Rank::Type, up: add.collect(), down }
    }

    fn question(&self, found: &Difference) -> Option<Question> {
        let finding = found.finding();
        let options = match &found.kind {
            Kind::LabelsMissing { .. } if self.uses.get(&found.of).is_none_or(|u| u.others > 0) => {
                vec!["write by hand how the labels are taken away again: more than tables uses the type".to_owned()]
            }
            kind => options(kind, &self.short(&found.of)),
        };
        let about = format!("{}: {}", finding.subject, finding.message);
        (!options.is_empty()).then_some(Question { about, options })
    }
}

/// The ways to settle what cannot be settled by adding something.
fn options(kind: &Kind, of: &Name) -> Vec<String> {
    let of = quoted(of);
    let alter = |column: &str| format!("ALTER TABLE {of} ALTER COLUMN {}", Identifier(column));
    match kind {
        Kind::ColumnMissing(column) if !can_be_added(column) => vec![
            format!(
                "add it with a default: ALTER TABLE {of} ADD COLUMN {} DEFAULT …",
                definition(column)
            ),
            "add it without NOT NULL, fill it, then SET NOT NULL".to_owned(),
            "make the field an Option".to_owned(),
        ],
        Kind::TypeDiffers { fit: Fit::Same | Fit::Similar, .. } => Vec::new(),
        Kind::TypeDiffers { wanted, live, .. } => vec![
            format!("{} TYPE {} USING …", alter(&wanted.name), wanted.type_name),
            format!("give the field a type for {live}"),
        ],
        Kind::MayBeNull(column) => vec![
            format!("fill it, then {} SET NOT NULL", alter(&column.name)),
            "make the field an Option".to_owned(),
        ],
        Kind::MustBeThere { wanted, .. } => vec![
            format!("{} DROP NOT NULL", alter(&wanted.name)),
            "make the field no Option".to_owned(),
        ],
        Kind::DefaultMissing(column) if column.default.is_none() => vec![format!(
            "{} ADD GENERATED BY DEFAULT AS IDENTITY, and setval() past what is there",
            alter(&column.name)
        )],
        Kind::OnlyDatabaseWrites(column) => vec![
            format!("{} DROP EXPRESSION, or DROP IDENTITY", alter(&column.name)),
            "leave the field out of the entity".to_owned(),
        ],
        Kind::FieldMissing(column) => vec![
            "give the entity the field".to_owned(),
            format!("{} SET DEFAULT …", alter(column)),
            format!("ALTER TABLE {of} DROP COLUMN {}", Identifier(column)),
        ],
        Kind::KeyMissing { columns, primary: true } => {
            vec![format!(
                "ALTER TABLE {of} ADD PRIMARY KEY ({}), once duplicates and another primary key are gone",
                names(columns)
            )]
        }
        Kind::ForeignKeyAction { wanted, .. } => vec![
            format!("drop the foreign key and add it with{}", wanted.actions()),
            "change the relation of the entity".to_owned(),
        ],
        Kind::LabelsUnknown(_) => vec!["give the enumeration the variant".to_owned()],
        Kind::ColumnsUnmapped(columns) => columns
            .iter()
            .map(|column| format!("ALTER TABLE {of} DROP COLUMN {}", Identifier(column)))
            .chain(["give the entity the fields, or leave the columns as they are".to_owned()])
            .collect(),
        Kind::TableUnmapped => {
            vec![format!("DROP TABLE {of}"), "write its entity, or leave it as it is".to_owned()]
        }
        _ => Vec::new(),
    }
}

const fn can_be_added(column: &Column) -> bool {
    column.nullable || column.default.is_some() || column.identity
}

fn create_type(of: &Name, wanted: &Enumeration) -> Step {
    let name = quoted(of);
    Step {
        rank: Rank::Type,
        up: vec![format!("CREATE TYPE {name} AS ENUM ({})", list(&wanted.labels))],
        down: vec![format!("DROP TYPE {name}")],
    }
}

/// The table with its keys; what it refers to comes after all tables.
fn create_table(of: &Name, table: &Table) -> Vec<Step> {
    let mut members: Vec<_> = table.columns.iter().map(definition).collect();
    let name = |columns: &[String], end: &str| constraint(of, columns, end);
    if !table.primary_key.is_empty() {
        let key = names(&table.primary_key);
        members.push(format!("CONSTRAINT {} PRIMARY KEY ({key})", name(&[], "pkey")));
    }
    members.extend(
        table.unique.iter().map(|columns| {
            format!("CONSTRAINT {} UNIQUE ({})", name(columns, "key"), names(columns))
        }),
    );
    let table_name = quoted(of);
    let create = Step {
        rank: Rank::Table,
        up: vec![format!("CREATE TABLE {table_name} (\n    {}\n)", members.join(",\n    "))],
        down: vec![format!("DROP TABLE {table_name}")],
    };
    let keys = table.foreign_keys.iter().map(|key| add_foreign_key(of, key));
    let indexes = table.indexes.iter().map(|columns| create_index(of, columns));
    [create].into_iter().chain(keys).chain(indexes).collect()
}

fn add_column(of: &Name, column: &Column) -> Step {
    let table = quoted(of);
    Step {
        rank: Rank::Column,
        up: vec![format!("ALTER TABLE {table} ADD COLUMN {}", definition(column))],
        down: vec![format!("ALTER TABLE {table} DROP COLUMN {}", Identifier(&column.name))],
    }
}

fn set_default(of: &Name, column: &Column) -> Option<Step> {
    let alter = format!("ALTER TABLE {} ALTER COLUMN {}", quoted(of), Identifier(&column.name));
    let default = column.default.as_ref()?;
    Some(Step {
        rank: Rank::Column,
        up: vec![format!("{alter} SET DEFAULT {default}")],
        down: vec![format!("{alter} DROP DEFAULT")],
    })
}

fn add_unique(of: &Name, columns: &[String]) -> Step {
    let rule = format!("UNIQUE ({})", names(columns));
    add_constraint(of, Rank::Key, &constraint(of, columns, "key"), &rule)
}

fn add_foreign_key(of: &Name, key: &ForeignKey) -> Step {
    let rule = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}){}",
        names(&key.columns),
        quoted(&key.table),
        names(&key.references),
        key.actions()
    );
    add_constraint(of, Rank::ForeignKey, &constraint(of, &key.columns, "fkey"), &rule)
}

fn add_constraint(of: &Name, rank: Rank, name: &str, rule: &str) -> Step {
    let table = quoted(of);
    Step {
        rank,
        up: vec![format!("ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")],
        down: vec![format!("ALTER TABLE {table} DROP CONSTRAINT {name}")],
    }
}

fn create_index(of: &Name, columns: &[String]) -> Step {
    let index = constraint(of, columns, "idx");
    let place = of.schema.as_ref().map_or_else(String::new, |s| format!("{}.", Identifier(s)));
    Step {
        rank: Rank::Index,
        up: vec![format!("CREATE INDEX {index} ON {} ({})", quoted(of), names(columns))],
        down: vec![format!("DROP INDEX {place}{index}")],
    }
}

fn definition(column: &Column) -> String {
    let Column { name, type_name, nullable, default, identity, clauses } = column;
    let mut text = format!("{} {type_name}", Identifier(name));
    if *identity {
        text += " GENERATED BY DEFAULT AS IDENTITY";
    }
    if !nullable {
        text += " NOT NULL";
    }
    if let Some(default) = default {
        text = text + " DEFAULT " + default;
    }
    if !clauses.is_empty() {
        text = text + " " + clauses;
    }
    text
}

/// The name that PostgreSQL would give, so that the file can be read beside others.
fn constraint(of: &Name, columns: &[String], end: &str) -> String {
    let parts: Vec<_> =
        [of.name.as_str()].into_iter().chain(columns.iter().map(String::as_str)).collect();
    Identifier(&format!("{}_{end}", parts.join("_"))).to_string()
}

fn names(columns: &[String]) -> String {
    columns.iter().map(|column| Identifier(column).to_string()).collect::<Vec<_>>().join(", ")
}
