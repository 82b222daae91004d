//! Whether every seed requires the seeds whose rows its own rows need.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    PlanError, Seed, World,
    arrange::{Table, arrange},
    references::Reference,
};

/// What a seed fills: tables by name, each with what it refers to.
type Filled = BTreeMap<&'static str, Vec<Reference>>;

/// Checks `seeds` against the references of the tables that they fill: no seed's tables may refer to
/// each other in a circle that is never null, and where a column that is never null refers to a table,
/// and some seeds fill it, one of them must be required, directly or not.
pub fn check_references(seeds: &[Seed], world: &World) -> Result<(), PlanError> {
    let mut filled: BTreeMap<&str, Filled> = BTreeMap::new();
    for seed in seeds {
        filled.insert(seed.id, tables(seed, world)?);
    }
    seeds.iter().try_for_each(|seed| check(seed, seeds, &filled))
}

fn tables(seed: &Seed, world: &World) -> Result<Filled, PlanError> {
    let circle = |circle| PlanError::circle(seed.id, circle);
    let small = seed.rows(world).into_iter().filter(|rows| !rows.is_empty()).collect();
    let small = filled(&arrange(small).map_err(circle)?);
    let generated = filled(&arrange(seed.tables(world)).map_err(circle)?);
    Ok(small.into_iter().chain(generated).collect())
}

fn filled<T: Table>(tables: &[T]) -> Filled {
    tables.iter().map(|table| (table.name(), table.references().to_vec())).collect()
}

fn check(seed: &Seed, seeds: &[Seed], filled: &BTreeMap<&str, Filled>) -> Result<(), PlanError> {
    let within_reach = required(seed, seeds);
    for (table, references) in &filled[seed.id] {
        for reference in references.iter().filter(|reference| !reference.is_nullable) {
            let mut fillers =
                filled.iter().filter(|(_, tables)| tables.contains_key(&*reference.to));
            let reached = fillers.clone().any(|(id, _)| within_reach.contains(id));
            if let Some((other, _)) = fillers.next().filter(|_| !reached) {
                return Err(PlanError::RequiresMore {
                    seed: seed.id,
                    table,
                    column: reference.columns.join(", "),
                    to: reference.to.clone(),
                    filled_by: (*other).to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// The names of `seed` and of all that it requires.
fn required(seed: &Seed, seeds: &[Seed]) -> BTreeSet<&'static str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![seed]);
    while let Some(next) = open.pop() {
        if found.insert(next.id) {
            open.extend(seeds.iter().filter(|other| next.requires.contains(&other.id)));
        }
    }
    found
}
