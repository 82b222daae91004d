//! Which choices keep the rows of a table apart, so that no key is given twice.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    definition::{Column, ForeignKey, Key},
    facts::Facts,
    kind::Kind,
    recipe::{Choice, Filling, Recipe, mentions},
    summary::Problem,
    value::{Place, capacity},
};

impl<'a> Recipe<'a> {
    /// Finds choices that keep `rows` rows apart in every key; `parents` says how many rows a
    /// foreign key can refer to. Where a key is too small for that, it is a problem.
    pub(super) fn keep_apart(
        &mut self,
        rows: u64,
        parents: &dyn Fn(&ForeignKey) -> u64,
    ) -> Option<Problem> {
        let certain = self.certain();
        let mut tightest: Option<(u128, &str)> = None;
        for key in &self.table.keys {
            let Some(choices) = self.choices(key) else { continue };
            let sizes: Vec<(Choice, Option<u128>)> = choices
                .into_iter()
                .map(|choice| (choice.clone(), self.size(&choice, &certain, parents)))
                .collect();
            let may_be_empty = sizes.iter().any(|(choice, _)| self.may_be_empty(choice));
            let possible = self.settle(key, sizes, rows);
            let lasting = !key.partial && !key.exclusion && !may_be_empty;
            if let Some(possible) =
                possible.filter(|possible| lasting && *possible < u128::from(rows))
                && tightest.is_none_or(|(before, _)| possible < before)
            {
                tightest = Some((possible, &key.name));
            }
        }
        let (possible, key) = tightest?;
        let possible = u64::try_from(possible).unwrap_or(u64::MAX);
        Some(Problem::Capacity { key: key.to_owned(), possible })
    }

    /// The choices that decide about `key`; `None` where something else keeps rows apart.
    fn choices(&self, key: &Key) -> Option<BTreeSet<Choice>> {
        let named = |column: &&Column| {
            key.columns.contains(&column.name)
                || key.expressions.iter().any(|expression| mentions(expression, &column.name))
        };
        let mut columns: Vec<&Column> = self.table.columns.iter().filter(named).collect();
        if let Some(sources) = self.sources(&columns) {
            columns = sources;
        }
        let choice = |column: &Column| match &self.fillings[&*column.name] {
            Filling::Reference(position) => Some(Choice::Reference(*position)),
            Filling::Value(_) => Some(Choice::Column(column.name.clone())),
            Filling::Number
            | Filling::Uuid
            | Filling::Nothing
            | Filling::Computed(_)
            | Filling::Database => None,
        };
        // A number or a UUID never comes twice, and nothing is never equal to nothing.
        columns
            .into_iter()
            .map(choice)
            .collect::<Option<BTreeSet<_>>>()
            .filter(|all| !all.is_empty())
    }

    /// `columns` with what the computed ones among them are computed from, in their place.
    fn sources(&self, columns: &[&'a Column]) -> Option<Vec<&'a Column>> {
        let expression = |column: &Column| match &self.fillings[&*column.name] {
            Filling::Computed(expression) => Some(expression.as_str()),
            _ => None,
        };
        let expressions: Vec<&str> =
            columns.iter().filter_map(|column| expression(column)).collect();
        let is_source = |column: &&Column| {
            expressions.iter().any(|expression| mentions(expression, &column.name))
                || columns
                    .iter()
                    .any(|other| other.name == column.name && expression(other).is_none())
        };
        let sources = || self.table.columns.iter().filter(is_source).collect();
        (!expressions.is_empty()).then(sources)
    }

    fn size(
        &self,
        choice: &Choice,
        certain: &BTreeMap<String, Facts>,
        parents: &dyn Fn(&ForeignKey) -> u64,
    ) -> Option<u128> {
        match choice {
            Choice::Reference(position) => {
                Some(parents(&self.table.foreign_keys[*position]).into())
            }
            Choice::Column(name) => {
                let Filling::Value(kind) = self.fillings.get(&**name)? else { return None };
                let none = Facts::default();
                let facts = certain.get(name).unwrap_or(&none);
                let today = self.world.as_of;
                capacity(Place {
                    table: &self.table.name,
                    column: name,
                    kind,
                    facts,
                    floor: None,
                    today,
                })
            }
        }
    }

    fn may_be_empty(&self, choice: &Choice) -> bool {
        match choice {
            Choice::Column(name) => self.nullable(name),
            Choice::Reference(position) => {
                self.definition.optional(self.table, &self.table.foreign_keys[*position])
            }
        }
    }

    /// Makes one choice unique that has room for `rows`, else all together; how many combinations
    /// there are, unless there is no end of them.
    fn settle(&mut self, key: &Key, sizes: Vec<(Choice, Option<u128>)>, rows: u64) -> Option<u128> {
        let total = sizes.iter().try_fold(1_u128, |total, (_, size)| total.checked_mul((*size)?));
        if sizes.iter().any(|(choice, _)| self.unique.contains(choice)) {
            return total;
        }
        let roomy = |(choice, size): &&(Choice, Option<u128>)| {
            size.is_none_or(|size| size >= u128::from(rows)) && !self.is_combined(choice)
        };
        let is_range = |choice: &Choice| match choice {
            Choice::Column(name) => {
                matches!(
                    self.fillings[&**name],
                    Filling::Value(Kind::Range(_) | Kind::MultiRange(_))
                )
            }
            Choice::Reference(_) => false,
        };
        // Ranges that lie side by side overlap in no exclusion constraint; a value without limits
        // serves better than the last free one.
        let best = sizes.iter().filter(roomy).max_by_key(|(choice, size)| {
            (is_range(choice), size.is_none(), matches!(choice, Choice::Column(_)), *size)
        });
        if let Some((choice, _)) = best {
            self.unique.insert(choice.clone());
        } else if !key.exclusion && !sizes.iter().any(|(choice, _)| self.is_combined(choice)) {
            self.combined.push(sizes.into_iter().map(|(choice, _)| choice).collect());
        }
        total
    }

    fn is_combined(&self, choice: &Choice) -> bool {
        self.combined.iter().any(|combined| combined.contains(choice))
    }
}
