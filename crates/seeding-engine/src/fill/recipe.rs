//! How the rows of one table are made: what each column is filled with, and which choices keep
//! rows apart.

use std::collections::{BTreeMap, BTreeSet};

use dbkit::Identifier;

use super::{
    collector::Collector,
    definition::{Column, Definition, ForeignKey, Table},
    expression::{Expression, parse},
    facts::Facts,
    kind::{Kind, kind},
    scalar::Unit,
    summary::{ColumnProposal, Problem},
};
use crate::{Space, World, values::by_name};

/// What a column is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filling {
    /// The database writes it itself.
    Database,
    /// What a condition says that it equals, as SQL over other columns.
    Computed(String),
    /// Nothing, because its type is not known, or because it is filled at the end.
    Nothing,
    /// The next number after the largest.
    Number,
    /// A computed UUID.
    Uuid,
    /// A reference, by the position of the foreign key in the table.
    Reference(usize),
    /// A value of its kind.
    Value(Kind),
}

/// Something of a row that is chosen as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Choice {
    Column(String),
    /// All columns of a foreign key, by its position in the table.
    Reference(usize),
}

/// How the rows of a table are made.
#[derive(Clone, Debug)]
pub(super) struct Recipe<'a> {
    pub(super) table: &'a Table,
    pub(super) definition: &'a Definition,
    pub(super) world: World,
    pub(super) fillings: BTreeMap<&'a str, Filling>,
    /// What every row must fulfil.
    pub(super) conditions: Vec<Expression>,
    /// Choices that never come twice.
    pub(super) unique: BTreeSet<Choice>,
    /// Choices of which no combination comes twice.
    pub(super) combined: Vec<Vec<Choice>>,
    /// Foreign keys that wait until all tables are filled.
    pub(super) late: BTreeSet<String>,
}

impl<'a> Recipe<'a> {
    /// Decides how rows of `table` are made; `late` are the foreign keys that wait.
    pub(super) fn new(
        definition: &'a Definition,
        table: &'a Table,
        late: BTreeSet<String>,
        world: World,
    ) -> Self {
        let mut recipe = Self {
            table,
            definition,
            world,
            fillings: BTreeMap::new(),
            conditions: conditions(definition, table, world),
            unique: BTreeSet::new(),
            combined: Vec::new(),
            late,
        };
        recipe.fillings =
            table.columns.iter().map(|column| (&*column.name, recipe.filling(column))).collect();
        recipe
    }

    fn filling(&self, column: &Column) -> Filling {
        if column.generated.is_some() {
            return Filling::Database;
        }
        if let Some(position) = self.reference(&column.name) {
            return Filling::Reference(position);
        }
        if self.is_late(&column.name) && self.definition.nullable(column) {
            return Filling::Nothing;
        }
        if let Some(expression) = computed(self.table, &column.name) {
            return Filling::Computed(expression);
        }
        let kind = kind(self.definition, column);
        let is_key = *self.table.primary_key() == [column.name.clone()];
        let counted = is_key || column.identity || column.sequence.is_some();
        match &kind {
            Kind::Uuid => Filling::Uuid,
            Kind::Scalar(scalar) if scalar.unit == Unit::One && counted => Filling::Number,
            _ if kind.is_known() => Filling::Value(kind),
            _ if column.has_default => Filling::Database,
            _ => Filling::Nothing,
        }
    }

    /// The foreign key that decides about `column`, among those that do not wait.
    fn reference(&self, column: &str) -> Option<usize> {
        self.early()
            .find(|(_, key)| key.columns.iter().any(|name| name == column))
            .map(|(at, _)| at)
    }

    fn is_late(&self, column: &str) -> bool {
        let keys = self.table.foreign_keys.iter();
        keys.filter(|key| self.late.contains(&key.name))
            .any(|key| key.columns.iter().any(|name| name == column))
    }

    /// The foreign keys that are filled with the row, with their positions in the table.
    pub(super) fn early(&self) -> impl Iterator<Item = (usize, &'a ForeignKey)> {
        let keys = self.table.foreign_keys.iter().enumerate();
        keys.filter(|(_, key)| !self.late.contains(&key.name))
    }

    /// What is known of the values before any alternative is chosen.
    pub(super) fn certain(&self) -> BTreeMap<String, Facts> {
        self.facts(&mut |_| None)
    }

    /// What is known of the values once `choose` has chosen among alternatives.
    pub(super) fn facts(
        &self,
        choose: &mut dyn FnMut(usize) -> Option<usize>,
    ) -> BTreeMap<String, Facts> {
        let nullable = |name: &str| self.nullable(name);
        let mut collector = Collector { facts: BTreeMap::new(), choose, nullable: &nullable };
        for condition in &self.conditions {
            collector.collect(condition, true);
        }
        collector.facts
    }

    pub(super) fn nullable(&self, name: &str) -> bool {
        self.table.column(name).is_some_and(|column| self.definition.nullable(column))
    }

    /// Where the UUIDs in `column` are from. The primary key has the key space of the table, any
    /// other column one of its own.
    pub(super) fn space(&self, column: &str) -> Space {
        let title = self.table.title();
        let is_key = *self.table.primary_key() == [column.to_owned()];
        let name = if is_key { format!("fill/{title}") } else { format!("fill/{title}.{column}") };
        Space::new(&name)
    }

    /// Why no row of the table can be made at all.
    pub(super) fn impossible(&self) -> Option<Problem> {
        let never = Expression::Constant("false".to_owned());
        let checks = self.table.checks.iter().zip(&self.conditions);
        if let Some((check, _)) = checks.into_iter().find(|(_, condition)| **condition == never) {
            return Some(Problem::NeverTrue { constraint: check.name.clone() });
        }
        let column = self.table.columns.iter().find(|column| {
            self.fillings[&*column.name] == Filling::Nothing
                && !self.definition.nullable(column)
                && !self.is_late(&column.name)
        })?;
        Some(Problem::UnknownType { column: column.name.clone(), kind: column.shown.clone() })
    }

    /// What the columns are filled with, for people.
    pub(super) fn proposals(&self) -> Vec<ColumnProposal> {
        let propose = |column: &Column| {
            let with = match &self.fillings[&*column.name] {
                Filling::Database => "by the database".to_owned(),
                Filling::Computed(expression) => format!("= {expression}"),
                Filling::Nothing if self.is_late(&column.name) => {
                    "a reference, at the end".to_owned()
                }
                Filling::Nothing => "nothing".to_owned(),
                Filling::Number => "the next number".to_owned(),
                Filling::Uuid => "a computed UUID".to_owned(),
                Filling::Reference(position) => {
                    format!("a row of {}", self.table.foreign_keys[*position].parent_title())
                }
                Filling::Value(Kind::Text(_)) => match by_name(&self.table.name, &column.name) {
                    Some(topic) => format!("{} ({})", topic.label(), column.shown),
                    None => column.shown.clone(),
                },
                Filling::Value(_) => column.shown.clone(),
            };
            ColumnProposal { column: column.name.clone(), with }
        };
        self.table.columns.iter().map(propose).collect()
    }
}

/// The table's own conditions first, then those of its partitions and of its columns' domains.
fn conditions(definition: &Definition, table: &Table, world: World) -> Vec<Expression> {
    let today = world.as_of.to_string();
    let own = table.checks.iter().map(|check| parse(&check.expression, &today, None));
    let mut conditions: Vec<Expression> = own.collect();
    if let Some(partitions) = table.partitions.iter().cloned().collect::<Option<Vec<String>>>()
        && !partitions.is_empty()
    {
        let parts = partitions.iter().map(|condition| parse(condition, &today, None));
        conditions.push(Expression::Or(parts.collect()));
    }
    for column in &table.columns {
        let checks = definition.types.get(&column.kind).map_or(&[][..], |kind| &kind.checks);
        let read =
            |check: &super::definition::Check| parse(&check.expression, &today, Some(&column.name));
        conditions.extend(checks.iter().map(read));
    }
    conditions
}

/// What `column` equals, where a condition of the table computes it from other columns.
fn computed(table: &Table, column: &str) -> Option<String> {
    let quoted = Identifier(column).to_string();
    let starts =
        [column, &quoted].map(|name| [format!("({name} = "), format!("(({name})::text = ")]);
    table.checks.iter().find_map(|check| {
        let rest =
            starts.as_flattened().iter().find_map(|start| check.expression.strip_prefix(start))?;
        let expression = rest.strip_suffix(')')?;
        let others = table.columns.iter().filter(|other| other.name != column);
        let has_other = others.into_iter().any(|other| mentions(expression, &other.name));
        let is_column = table.columns.iter().any(|other| other.name == expression);
        let is_computed = has_other && !is_column && !mentions(expression, column);
        is_computed.then(|| expression.to_owned())
    })
}

/// Whether `name` is one of the words of `expression`.
pub(super) fn mentions(expression: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    expression.split(|character| !is_part(character)).any(|word| word == name)
}
