//! Where the database is not what the entities say. Pure.

use super::{
    catalog::{Catalog, LiveColumn, LiveEnumeration, LiveIndex, LiveTable},
    decode::{Fit, fit},
    definition::{Column, Definitions, Enumeration, ForeignKey, Name, Table},
};

/// One place in which the database is not what the entities say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table or the type, with its schema.
    pub of: Name,
    /// What differs.
    pub kind: Kind,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no such table.
    TableMissing(Table),
    /// There is no such enumeration.
    TypeMissing(Enumeration),
    /// The database has not all of these labels.
    LabelsMissing {
        /// The enumeration as the entities have it.
        wanted: Enumeration,
        /// The labels that the database has.
        live: Vec<String>,
    },
    /// The database has labels that no variant stands for.
    LabelsUnknown(Vec<String>),
    /// The labels are the same and sorted differently.
    LabelOrder,
    /// There is no such column.
    ColumnMissing(Column),
    /// The type is another one.
    TypeDiffers {
        /// The column as the entity has it.
        wanted: Column,
        /// The type in the database.
        live: String,
        /// What comes of it.
        fit: Fit,
    },
    /// The column may be null, and the field is no `Option`.
    MayBeNull(Column),
    /// The column may not be null, and the field is an `Option`.
    MustBeThere {
        /// The column as the entity has it.
        wanted: Column,
        /// Whether the database fills it where it is left out.
        has_default: bool,
    },
    /// The entity leaves it to the database to fill the column, and the database does not.
    DefaultMissing(Column),
    /// The database alone writes the column, and the entity does not know.
    OnlyDatabaseWrites(Column),
    /// A column without a field that every new row must fill.
    FieldMissing(String),
    /// There is no such primary or unique key.
    KeyMissing {
        /// Its columns.
        columns: Vec<String>,
        /// Whether it is the primary key.
        primary: bool,
    },
    /// The primary key is a unique key only.
    KeyNotPrimary(Vec<String>),
    /// There is no such index.
    IndexMissing(Vec<String>),
    /// There is no such foreign key.
    ForeignKeyMissing(ForeignKey),
    /// The foreign key does something else when the other row goes or changes.
    ForeignKeyAction {
        /// The foreign key as the entity has it.
        wanted: ForeignKey,
        /// What the database does, as SQL.
        live: String,
    },
    /// No entity maps the table.
    TableUnmapped,
    /// The entity has no fields for these columns.
    ColumnsUnmapped(Vec<String>),
}

/// Everything in which `catalog` is not what `definitions` say, tables in their order of creation.
///
/// `ledger` is the table of applied migrations, which needs no entity.
pub fn differences(definitions: &Definitions, catalog: &Catalog, ledger: &str) -> Vec<Difference> {
    let enumerations = definitions.enumerations.iter().flat_map(|wanted| {
        let kinds = match catalog.enumeration(&wanted.name) {
            Some(live) => label_differences(wanted, live),
            None => vec![Kind::TypeMissing(wanted.clone())],
        };
        located(catalog.qualified(&wanted.name), kinds)
    });
    let tables = definitions.tables.iter().flat_map(|wanted| {
        let kinds = match catalog.table(&wanted.name) {
            Some(live) => Comparison { definitions, catalog, wanted, live }.kinds(),
            None => vec![Kind::TableMissing(wanted.clone())],
        };
        located(catalog.qualified(&wanted.name), kinds)
    });
    enumerations.chain(tables).chain(unmapped(definitions, catalog, ledger)).collect()
}

fn located(of: Name, kinds: Vec<Kind>) -> impl Iterator<Item = Difference> {
    kinds.into_iter().map(move |kind| Difference { of: of.clone(), kind })
}

fn label_differences(wanted: &Enumeration, live: &LiveEnumeration) -> Vec<Kind> {
    let unknown: Vec<_> =
        live.labels.iter().filter(|label| !wanted.labels.contains(label)).cloned().collect();
    let is_missing = wanted.labels.iter().any(|label| !live.labels.contains(label));
    let mut kinds = Vec::new();
    if is_missing {
        kinds.push(Kind::LabelsMissing { wanted: wanted.clone(), live: live.labels.clone() });
    }
    if unknown.is_empty() && !is_missing && wanted.labels != live.labels {
        kinds.push(Kind::LabelOrder);
    }
    if !unknown.is_empty() {
        kinds.push(Kind::LabelsUnknown(unknown));
    }
    kinds
}

fn unmapped<'a>(
    definitions: &'a Definitions,
    catalog: &'a Catalog,
    ledger: &'a str,
) -> impl Iterator<Item = Difference> + 'a {
    let is_mapped = |live: &LiveTable| {
        definitions.tables.iter().any(|wanted| catalog.qualified(&wanted.name) == live.name())
    };
    let tables = catalog.tables.iter().filter(|live| live.is_table() && !live.partition);
    tables
        .filter(move |live| live.name != ledger && !is_mapped(live))
        .map(|live| Difference { of: live.name(), kind: Kind::TableUnmapped })
}

/// A table that both know.
struct Comparison<'a> {
    definitions: &'a Definitions,
    catalog: &'a Catalog,
    wanted: &'a Table,
    live: &'a LiveTable,
}

impl Comparison<'_> {
    fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<_> =
            self.wanted.columns.iter().flat_map(|wanted| self.column(wanted)).collect();
        // A view has neither keys nor indexes, and takes what rows it takes.
        if self.live.is_table() {
            kinds.extend(self.fields_missing());
            kinds.extend(self.keys());
            kinds.extend(self.wanted.indexes.iter().filter_map(|columns| self.index(columns)));
            kinds.extend(self.wanted.foreign_keys.iter().filter_map(|key| self.foreign_key(key)));
        }
        kinds.extend(self.columns_unmapped());
        kinds
    }

    fn column(&self, wanted: &Column) -> Vec<Kind> {
        let Some(live) = self.live.column(&wanted.name) else {
            return vec![Kind::ColumnMissing(wanted.clone())];
        };
        let kind = self.type_difference(wanted, live);
        let others = self.live.is_table().then(|| nullability(wanted, live));
        kind.into_iter().chain(others.into_iter().flatten()).collect()
    }

    fn type_difference(&self, wanted: &Column, live: &LiveColumn) -> Option<Kind> {
        let element = wanted.type_name.strip_suffix("[]").unwrap_or(&wanted.type_name);
        let all = &self.definitions.enumerations;
        let enumeration = all.iter().map(|found| &found.name).find(|name| name.name == element);
        match fit(&wanted.type_name, enumeration, &live.kind) {
            Fit::Same => None,
            fit => {
                let live = live.kind.shown.clone();
                Some(Kind::TypeDiffers { wanted: wanted.clone(), live, fit })
            }
        }
    }

    fn has_field(&self, column: &LiveColumn) -> bool {
        self.wanted.columns.iter().any(|wanted| wanted.name == column.name)
    }

    fn fields_missing(&self) -> impl Iterator<Item = Kind> {
        let must_be_written =
            |column: &&LiveColumn| column.not_null && !column.has_default && !column.always;
        let columns = self.live.columns.iter().filter(must_be_written);
        columns
            .filter(|column| !self.has_field(column))
            .map(|column| Kind::FieldMissing(column.name.clone()))
    }

    fn columns_unmapped(&self) -> Option<Kind> {
        let columns = self.live.columns.iter().filter(|column| !self.has_field(column));
        let names: Vec<_> = columns.map(|column| column.name.clone()).collect();
        (!names.is_empty()).then_some(Kind::ColumnsUnmapped(names))
    }

    fn keys(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        let primary = &self.wanted.primary_key;
        let is_key = |columns: &[String], index: &LiveIndex| {
            index.unique && index.usable && same(&index.columns, columns)
        };
        let of = |columns: &[String]| {
            self.live.indexes.iter().filter(|i| is_key(columns, i)).collect::<Vec<_>>()
        };
        if !primary.is_empty() {
            let keys = of(primary);
            if keys.is_empty() {
                kinds.push(Kind::KeyMissing { columns: primary.clone(), primary: true });
            } else if !keys.iter().any(|index| index.primary) {
                kinds.push(Kind::KeyNotPrimary(primary.clone()));
            }
        }
        let missing = self.wanted.unique.iter().filter(|columns| of(columns).is_empty());
        kinds.extend(
            missing.map(|columns| Kind::KeyMissing { columns: columns.clone(), primary: false }),
        );
        kinds
    }

    fn index(&self, columns: &[String]) -> Option<Kind> {
        let serves = |index: &LiveIndex| index.usable && index.columns.starts_with(columns);
        let found = self.live.indexes.iter().any(serves);
        (!found).then(|| Kind::IndexMissing(columns.to_vec()))
    }

    fn foreign_key(&self, wanted: &ForeignKey) -> Option<Kind> {
        let other = self.catalog.qualified(&wanted.table);
        let pairs = |columns: &[String], references: &[String]| {
            let mut pairs: Vec<_> =
                columns.iter().cloned().zip(references.iter().cloned()).collect();
            pairs.sort();
            pairs
        };
        let found = self.live.foreign_keys.iter().find(|live| {
            Some(&live.schema) == other.schema.as_ref()
                && live.table == other.name
                && pairs(&live.columns, &live.references)
                    == pairs(&wanted.columns, &wanted.references)
        });
        let Some(live) = found else { return Some(Kind::ForeignKeyMissing(wanted.clone())) };
        let differs = |wanted: &Option<String>, live| wanted.as_deref().is_some_and(|w| w != live);
        let (on_delete, on_update) = (live.on_delete(), live.on_update());
        if differs(&wanted.on_delete, on_delete) || differs(&wanted.on_update, on_update) {
            let live = format!("ON DELETE {on_delete} ON UPDATE {on_update}");
            return Some(Kind::ForeignKeyAction { wanted: wanted.clone(), live });
        }
        None
    }
}

/// Whether the column may be empty where the field may, and who fills it.
fn nullability(wanted: &Column, live: &LiveColumn) -> Vec<Kind> {
    let mut kinds = Vec::new();
    if !wanted.nullable && !live.not_null {
        kinds.push(Kind::MayBeNull(wanted.clone()));
    }
    if wanted.nullable && live.not_null && !live.always {
        let has_default = live.has_default;
        kinds.push(Kind::MustBeThere { wanted: wanted.clone(), has_default });
    }
    let left_out = wanted.default.is_some() || wanted.identity;
    if left_out && !live.has_default {
        kinds.push(Kind::DefaultMissing(wanted.clone()));
    }
    // A field that SeaORM takes for numbered by the database is left out of inserts.
    if live.always && !wanted.identity && !wanted.nullable && live.not_null {
        kinds.push(Kind::OnlyDatabaseWrites(wanted.clone()));
    }
    kinds
}

/// Whether both have the same members, in whatever order.
fn same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|member| b.contains(member))
}
