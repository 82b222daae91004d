//! Makes the rows of one table: each a pure function of its number, and of the rows of other
//! tables that it can refer to.

use std::collections::BTreeMap;

use super::{
    definition::ForeignKey,
    facts::Facts,
    kind::{Kind, kind},
    parents::Parents,
    recipe::{Choice, Filling, Recipe},
    source::{Source, scatter},
    value::{Place, capacity, value},
};
use crate::{Draw, Space, Stream, World};

/// What a row has in its columns, by their names; `None` is nothing.
pub(super) type Row = BTreeMap<String, Option<String>>;

/// How hard rows are to please, which changes when too few of them pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Now and then a column is empty.
    Usual,
    /// No column is empty that need not be.
    Full,
    /// Every column is empty that may be.
    Lean,
}

/// Makes rows as a recipe says.
pub(super) struct Maker<'a> {
    recipe: &'a Recipe<'a>,
    title: String,
    /// By the position of the foreign key.
    parents: BTreeMap<usize, Parents>,
    /// The first number of each column that is counted.
    starts: BTreeMap<String, i128>,
    /// The number of the first row.
    first: u64,
    /// How many values each choice has that keeps rows apart.
    sizes: BTreeMap<Choice, Option<u128>>,
    /// The order in which values that come once are given out. Rows of another world may be there,
    /// so it is the same in all of them.
    order: Stream,
    /// Where the UUIDs of each column are from.
    spaces: BTreeMap<&'a str, Space>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        recipe: &'a Recipe<'a>,
        parents: BTreeMap<usize, Parents>,
        starts: BTreeMap<String, i128>,
        first: u64,
    ) -> Self {
        let title = recipe.table.title();
        let uuids = recipe.fillings.iter().filter(|(_, filling)| **filling == Filling::Uuid);
        let mut maker = Self {
            recipe,
            order: Stream::new(World::DEFAULT_SEED, &format!("fill/{title}"), "order"),
            spaces: uuids.map(|(column, _)| (*column, recipe.space(column))).collect(),
            title,
            parents,
            starts,
            first,
            sizes: BTreeMap::new(),
        };
        let certain = recipe.certain();
        let choices = recipe.unique.iter().chain(recipe.combined.iter().flatten());
        maker.sizes =
            choices.map(|choice| (choice.clone(), maker.size(choice, &certain))).collect();
        maker
    }

    fn size(&self, choice: &Choice, certain: &BTreeMap<String, Facts>) -> Option<u128> {
        match choice {
            Choice::Reference(position) => Some(self.parents[position].len() as u128),
            Choice::Column(name) => {
                let Filling::Value(kind) = self.recipe.fillings.get(&**name)? else { return None };
                let none = Facts::default();
                let facts = certain.get(name).unwrap_or(&none);
                let today = self.recipe.world.as_of;
                capacity(Place {
                    table: &self.recipe.table.name,
                    column: name,
                    kind,
                    facts,
                    floor: None,
                    today,
                })
            }
        }
    }

    /// Makes the row with this number; `None` where it finds nothing to refer to.
    pub(super) fn row(&mut self, number: u64, style: Style) -> Option<Row> {
        let mut branches = self.draw("alternatives", number);
        let facts = self.recipe.facts(&mut |count| Some(branches.index(count)));
        let mut row = Row::new();
        self.fill_counted(number, &mut row);
        let recipe = self.recipe;
        let (own, others): (Vec<_>, Vec<_>) =
            recipe.early().partition(|(_, key)| key.is_to(recipe.table));
        for (position, key) in others {
            self.fill_reference(position, key, &facts, number, style, &mut row)?;
        }
        self.fill_values(&facts, number, style, &mut row)?;
        // A row can refer to itself only when its own key is known.
        for (position, key) in own {
            self.fill_reference(position, key, &facts, number, style, &mut row)?;
        }
        Some(row)
    }

    fn draw(&self, purpose: &str, number: u64) -> Source {
        Source::Drawn(self.drawn(purpose, number))
    }

    fn drawn(&self, purpose: &str, number: u64) -> Draw {
        Draw::new(self.recipe.world.seed, &format!("fill/{}", self.title), purpose, number)
    }

    /// Where the value of `choice` comes from in row `number`.
    fn source(&self, choice: &Choice, purpose: &str, number: u64) -> Source {
        let size = |choice: &Choice| self.sizes.get(choice).copied().flatten();
        if self.recipe.unique.contains(choice) {
            let place =
                size(choice).map_or(number.into(), |size| scatter(number, size, self.order));
            return Source::counting(place, self.drawn(purpose, number));
        }
        let combined = self.recipe.combined.iter().find(|combined| combined.contains(choice));
        let Some(combined) = combined else { return self.draw(purpose, number) };
        let sizes: Vec<u128> = combined.iter().map(|one| size(one).unwrap_or(1).max(1)).collect();
        let mut left = scatter(number, sizes.iter().product(), self.order);
        for (one, size) in combined.iter().zip(sizes) {
            if one == choice {
                return Source::counting(left % size, self.drawn(purpose, number));
            }
            left /= size;
        }
        self.draw(purpose, number)
    }

    fn fill_counted(&self, number: u64, row: &mut Row) {
        for (column, filling) in &self.recipe.fillings {
            let value = match filling {
                Filling::Number => {
                    let start = self.starts.get(*column).copied().unwrap_or(1);
                    (start + i128::from(number - self.first)).to_string()
                }
                Filling::Uuid => self.spaces[column].key(number).to_string(),
                Filling::Nothing => {
                    row.insert((*column).to_owned(), None);
                    continue;
                }
                Filling::Database
                | Filling::Computed(_)
                | Filling::Reference(_)
                | Filling::Value(_) => continue,
            };
            row.insert((*column).to_owned(), Some(value));
        }
    }

    fn fill_reference(
        &mut self,
        position: usize,
        key: &ForeignKey,
        facts: &BTreeMap<String, Facts>,
        number: u64,
        style: Style,
        row: &mut Row,
    ) -> Option<()> {
        let recipe = self.recipe;
        let open: Vec<&String> =
            key.columns.iter().filter(|name| !row.contains_key(*name)).collect();
        if open.is_empty() {
            return Some(());
        }
        let choice = Choice::Reference(position);
        let may_be_empty: Vec<&&String> =
            open.iter().filter(|name| recipe.nullable(name)).collect();
        let wanted = open.iter().find_map(|name| facts.get(*name).and_then(|facts| facts.null));
        let fixed = recipe.unique.contains(&choice);
        let empty = wanted.unwrap_or_else(|| self.is_empty(&key.name, number, style, fixed));
        let picked = if key.is_to(recipe.table) {
            // No other row is certain to be there, but the row itself is.
            let own = |column: &String| row.get(column).cloned().flatten();
            key.parent_columns.iter().map(own).collect::<Option<Vec<_>>>()
        } else if empty && !may_be_empty.is_empty() {
            None
        } else {
            let known: Vec<Option<String>> =
                key.columns.iter().map(|name| row.get(name).cloned().flatten()).collect();
            let mut source = self.source(&choice, &key.name, number);
            self.parents.get_mut(&position)?.pick(&known, &mut source)
        };
        let Some(picked) = picked else {
            let all_may = open.len() == may_be_empty.len();
            row.extend(open.into_iter().map(|name| (name.clone(), None)));
            return all_may.then_some(());
        };
        for (name, value) in key.columns.iter().zip(picked) {
            row.entry(name.clone()).or_insert(Some(value));
        }
        Some(())
    }

    /// Whether a column that may be empty is, in this row.
    fn is_empty(&self, purpose: &str, number: u64, style: Style, fixed: bool) -> bool {
        match style {
            Style::Lean => true,
            Style::Full => false,
            Style::Usual => !fixed && self.draw(&format!("{purpose}?"), number).chance(10),
        }
    }

    /// Fills what refers to nothing; a column that follows another one comes after it.
    fn fill_values(
        &self,
        facts: &BTreeMap<String, Facts>,
        number: u64,
        style: Style,
        row: &mut Row,
    ) -> Option<()> {
        let none = Facts::default();
        let is_value = |name: &str| matches!(self.recipe.fillings[name], Filling::Value(_));
        let mut open: Vec<&str> =
            self.recipe.fillings.keys().copied().filter(|name| is_value(name)).collect();
        while !open.is_empty() {
            let waits = |name: &str| {
                let facts = facts.get(name).unwrap_or(&none);
                let others = facts.after.iter().map(|(other, _)| other).chain(&facts.same);
                others.into_iter().any(|other| open.contains(&&**other) && other != name)
            };
            let next = open.iter().position(|name| !waits(name)).unwrap_or(0);
            let name = open.remove(next);
            self.fill_value(name, facts.get(name).unwrap_or(&none), number, style, row)?;
        }
        Some(())
    }

    fn fill_value(
        &self,
        name: &str,
        facts: &Facts,
        number: u64,
        style: Style,
        row: &mut Row,
    ) -> Option<()> {
        let Filling::Value(kind) = &self.recipe.fillings[name] else { return Some(()) };
        let choice = Choice::Column(name.to_owned());
        let fixed = self.recipe.unique.contains(&choice);
        let empty = || facts.null.unwrap_or_else(|| self.is_empty(name, number, style, fixed));
        let same = facts.same.as_ref().and_then(|other| row.get(other));
        let made = if self.recipe.nullable(name) && empty() {
            None
        } else if let Some(same) = same {
            same.clone()
        } else {
            let mut source = self.source(&choice, name, number);
            let (table, today) = (&*self.recipe.table.name, self.recipe.world.as_of);
            let floor = self.floor(kind, facts, row);
            let place = Place { table, column: name, kind, facts, floor, today };
            Some(value(place, &mut source)?)
        };
        row.insert(name.to_owned(), made);
        Some(())
    }

    /// The largest of the values that a column follows.
    fn floor(&self, own: &Kind, facts: &Facts, row: &Row) -> Option<i128> {
        let Kind::Scalar(own) = own else { return None };
        let follow = |(other, strict): &(String, bool)| {
            let text = row.get(other)?.as_ref()?;
            let column = self.recipe.table.column(other)?;
            let Kind::Scalar(scalar) = kind(self.recipe.definition, column) else { return None };
            // The other one may have smaller units.
            let value = if scalar.unit == own.unit { scalar.read(text) } else { own.read(text) }?;
            Some(value + i128::from(*strict))
        };
        facts.after.iter().filter_map(follow).max()
    }
}
