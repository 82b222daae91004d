//! What comes of a difference between entities and database: the reason why somebody should care.

use super::{
    decode::Fit,
    definition::ForeignKey,
    difference::{Difference, Kind},
};
use crate::{Finding, Severity};

/// Reading rows fails.
pub const DECODE: &str = "entities.decode";
/// Writing rows fails, or accepts what the code does not mean.
pub const INSERT: &str = "entities.insert";
/// Queries are slow.
pub const SLOWER: &str = "entities.slower";
/// Nothing comes of it.
pub const COSMETIC: &str = "entities.cosmetic";

impl Difference {
    /// The difference as a finding.
    pub fn finding(&self) -> Finding {
        let (severity, check) = self.consequence();
        let (subject, message, hint) = (self.subject(), self.message(), self.hint());
        Finding { severity, check, subject, message, hint }
    }

    const fn consequence(&self) -> (Severity, &'static str) {
        match &self.kind {
            Kind::TableMissing(_)
            | Kind::ColumnMissing(_)
            | Kind::LabelsUnknown(_)
            | Kind::MayBeNull(_)
            | Kind::TypeDiffers { fit: Fit::ReadFails | Fit::FilterFails, .. } => {
                (Severity::Error, DECODE)
            }
            Kind::TypeMissing(_)
            | Kind::LabelsMissing { .. }
            | Kind::TypeDiffers { fit: Fit::WriteFails, .. }
            | Kind::OnlyDatabaseWrites(_)
            | Kind::FieldMissing(_)
            | Kind::KeyMissing { .. } => (Severity::Error, INSERT),
            Kind::DefaultMissing(column) if !column.nullable => (Severity::Error, INSERT),
            Kind::DefaultMissing(_)
            | Kind::MustBeThere { .. }
            | Kind::TypeDiffers { fit: Fit::Narrower, .. }
            | Kind::ForeignKeyMissing(_)
            | Kind::ForeignKeyAction { .. } => (Severity::Warning, INSERT),
            Kind::IndexMissing(_) => (Severity::Warning, SLOWER),
            Kind::LabelOrder
            | Kind::TypeDiffers { fit: Fit::Similar | Fit::Same, .. }
            | Kind::KeyNotPrimary(_)
            | Kind::TableUnmapped
            | Kind::ColumnsUnmapped(_) => (Severity::Info, COSMETIC),
        }
    }

    fn subject(&self) -> String {
        match &self.kind {
            Kind::TypeMissing(_)
            | Kind::LabelsMissing { .. }
            | Kind::LabelsUnknown(_)
            | Kind::LabelOrder => format!("type {}", self.of),
            kind => match kind.column() {
                Some(column) => format!("column {}.{column}", self.of),
                None => format!("table {}", self.of),
            },
        }
    }

    fn message(&self) -> String {
        match &self.kind {
            Kind::TableMissing(_) => {
                "it is missing, and every query of its entity fails".to_owned()
            }
            Kind::TableUnmapped => "no entity maps it".to_owned(),
            Kind::TypeMissing(_) => "it is missing, and no value of it can be written".to_owned(),
            Kind::LabelsMissing { wanted, live } => {
                let missing: Vec<_> =
                    wanted.labels.iter().filter(|label| !live.contains(label)).cloned().collect();
                format!("the database does not know {}, and refuses such a row", list(&missing))
            }
            Kind::LabelsUnknown(labels) => format!(
                "no variant stands for {}: decoding fails when the first such row is read",
                list(labels)
            ),
            Kind::LabelOrder => {
                "the variants have another order than the labels, by which the database sorts"
                    .to_owned()
            }
            Kind::TypeDiffers { wanted, live, fit } => {
                format!("it is {live} and the field is {}: {}", wanted.type_name, fit.words())
            }
            Kind::ColumnMissing(_)
            | Kind::MayBeNull(_)
            | Kind::MustBeThere { .. }
            | Kind::DefaultMissing(_)
            | Kind::OnlyDatabaseWrites(_)
            | Kind::FieldMissing(_) => self.kind.about_a_column().to_owned(),
            Kind::ColumnsUnmapped(columns) => {
                format!("its entity has no field for {}", list(columns))
            }
            Kind::KeyMissing { columns, primary } => format!(
                "the {} key on {} is missing: an upsert by it fails, and duplicates get in",
                if *primary { "primary" } else { "unique" },
                list(columns)
            ),
            Kind::KeyNotPrimary(columns) => {
                format!("{} is a unique key and not the primary one", list(columns))
            }
            Kind::IndexMissing(columns) => {
                format!("there is no index on {}: queries read the whole table", list(columns))
            }
            Kind::ForeignKeyMissing(key) => {
                format!("{} is no foreign key: rows that refer to nothing get in", arrow(key))
            }
            Kind::ForeignKeyAction { wanted, live } => {
                format!("{} is {live}, and the entity says{}", arrow(wanted), wanted.actions())
            }
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match &self.kind {
            Kind::MayBeNull(_) => "make the column NOT NULL, or the field an Option",
            Kind::MustBeThere { .. } => "let the column be null, or make the field no Option",
            Kind::FieldMissing(_) => "give the entity the field, or the column a default",
            Kind::LabelsUnknown(_) => "give the enumeration the variant before anybody writes it",
            Kind::TableMissing(_)
            | Kind::TypeMissing(_)
            | Kind::LabelsMissing { .. }
            | Kind::ColumnMissing(_)
            | Kind::KeyMissing { .. }
            | Kind::IndexMissing(_)
            | Kind::ForeignKeyMissing(_) => {
                "write a migration, or have one written from the entities"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl Kind {
    fn column(&self) -> Option<&str> {
        match self {
            Self::ColumnMissing(column)
            | Self::MayBeNull(column)
            | Self::DefaultMissing(column)
            | Self::OnlyDatabaseWrites(column)
            | Self::TypeDiffers { wanted: column, .. }
            | Self::MustBeThere { wanted: column, .. } => Some(&column.name),
            Self::FieldMissing(column) => Some(column),
            _ => None,
        }
    }

    const fn about_a_column(&self) -> &'static str {
        match self {
            Self::ColumnMissing(_) => "it is missing, and every query of its entity fails",
            Self::MayBeNull(_) => {
                "it may be null and the field is no Option: decoding fails at the first row without a value"
            }
            Self::MustBeThere { has_default: true, .. } => {
                "it is NOT NULL and the field is an Option: writing None fails"
            }
            Self::MustBeThere { .. } => {
                "it is NOT NULL without a default and the field is an Option: an insert with None, or with nothing, fails"
            }
            Self::DefaultMissing(column) if column.nullable => {
                "the entity leaves its value to the database, which has no default: new rows get none"
            }
            Self::DefaultMissing(_) => {
                "the entity leaves its value to the database, which has no default: such an insert fails"
            }
            Self::OnlyDatabaseWrites(_) => {
                "the database alone may write it: an insert that sets the field fails"
            }
            _ => "it needs a value and the entity has no field for it: every insert fails",
        }
    }
}

impl Fit {
    const fn words(self) -> &'static str {
        match self {
            Self::Same | Self::Similar => "they work alike",
            Self::Narrower => "the database refuses some values",
            Self::WriteFails => "the database refuses every value",
            Self::FilterFails => {
                "a query that looks for a value fails, and values without a variant get in"
            }
            Self::ReadFails => "no row can be decoded",
        }
    }
}

impl ForeignKey {
    /// What happens to a row when the one that it refers to goes or changes, as SQL.
    pub(super) fn actions(&self) -> String {
        let clause = |event, action: &Option<String>| {
            action.as_ref().map_or_else(String::new, |action| format!(" {event} {action}"))
        };
        clause("ON DELETE", &self.on_delete) + &clause("ON UPDATE", &self.on_update)
    }
}

fn list(names: &[String]) -> String {
    format!("({})", names.join(", "))
}

fn arrow(key: &ForeignKey) -> String {
    format!("{} -> {} {}", list(&key.columns), key.table, list(&key.references))
}
