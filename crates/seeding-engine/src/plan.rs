//! Which seeds a run applies, decided before anything is touched.

use std::collections::{BTreeMap, BTreeSet};

use dbkit::Environment;
use serde::Serialize;

use crate::{
    Seed,
    graph::{self, GraphError, Node},
};

/// What a run does with a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "action", content = "reason")]
pub enum Action {
    /// Writes its rows.
    Apply(Reason),
    /// Leaves it out.
    Skip(Skip),
}

/// What the history knows of a seed that is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It was never applied here.
    First,
    /// It was applied in the same version; what is missing or differs is written.
    Again,
    /// It was applied in another version.
    NewVersion,
}

/// Why a seed is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// It may not run in this environment.
    NotForEnvironment,
    /// Others were selected, and none of them requires it.
    NotSelected,
}

/// What a run does, in the order of doing it.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Every seed with what is done with it.
    pub steps: Vec<(&'a Seed, Action)>,
}

impl<'a> Plan<'a> {
    /// The seeds that are applied, in order.
    pub fn applied(&self) -> impl Iterator<Item = &'a Seed> + use<'_, 'a> {
        let is_applied = |(_, action): &&(&'a Seed, Action)| matches!(action, Action::Apply(_));
        self.steps.iter().filter(is_applied).map(|(seed, _)| *seed)
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The seeds have no order; a mistake in the code.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A seed was selected that does not exist.
    #[error("there is no seed `{id}`")]
    Unknown {
        /// The name that was asked for.
        id: String,
        /// The names that exist.
        known: Vec<&'static str>,
    },
    /// A seed was selected that may not run here.
    #[error("seed `{seed}` may not run in {environment}")]
    Forbidden {
        /// The seed.
        seed: &'static str,
        /// Where it may not run.
        environment: Environment,
    },
    /// A seed that may run here needs one that may not; a mistake in the code.
    #[error("seed `{seed}` requires `{required}`, which may not run in {environment}")]
    RequiresForbidden {
        /// The seed.
        seed: &'static str,
        /// The one that it requires.
        required: &'static str,
        /// Where that one may not run.
        environment: Environment,
    },
}

/// Decides what to do with each of `seeds` in `environment`.
///
/// An empty `only` selects all; otherwise the named seeds and all that they require.
/// `applied_versions` is what the history knows.
pub fn plan<'a>(
    seeds: &'a [Seed],
    environment: Environment,
    only: &[String],
    applied_versions: &BTreeMap<String, u32>,
) -> Result<Plan<'a>, PlanError> {
    let nodes: Vec<Node<'_>> =
        seeds.iter().map(|seed| Node { id: seed.id, requires: seed.requires }).collect();
    let order = graph::order(&nodes)?;
    let selected = selected(seeds, environment, only)?;
    let mut steps = Vec::with_capacity(seeds.len());
    for seed in order.into_iter().map(|index| &seeds[index]) {
        let action = if !selected.contains(seed.id) {
            Action::Skip(Skip::NotSelected)
        } else if seed.may_run_in(environment) {
            requirements_may_run(seed, seeds, environment)?;
            Action::Apply(reason(seed, applied_versions))
        } else {
            Action::Skip(Skip::NotForEnvironment)
        };
        steps.push((seed, action));
    }
    Ok(Plan { steps })
}

/// The names of the selected seeds and of all that they require.
fn selected(
    seeds: &[Seed],
    environment: Environment,
    only: &[String],
) -> Result<BTreeSet<&'static str>, PlanError> {
    let by_id: BTreeMap<&str, &Seed> = seeds.iter().map(|seed| (seed.id, seed)).collect();
    if only.is_empty() {
        return Ok(seeds.iter().map(|seed| seed.id).collect());
    }
    let mut selected = BTreeSet::new();
    let mut open = Vec::new();
    for id in only {
        let Some(seed) = by_id.get(id.as_str()) else {
            let known = seeds.iter().map(|seed| seed.id).collect();
            return Err(PlanError::Unknown { id: id.clone(), known });
        };
        if !seed.may_run_in(environment) {
            return Err(PlanError::Forbidden { seed: seed.id, environment });
        }
        open.push(*seed);
    }
    while let Some(seed) = open.pop() {
        if selected.insert(seed.id) {
            open.extend(seed.requires.iter().filter_map(|id| by_id.get(id)));
        }
    }
    Ok(selected)
}

fn requirements_may_run(
    seed: &Seed,
    seeds: &[Seed],
    environment: Environment,
) -> Result<(), PlanError> {
    let forbidden = seeds
        .iter()
        .find(|other| seed.requires.contains(&other.id) && !other.may_run_in(environment));
    forbidden.map_or(Ok(()), |required| {
        Err(PlanError::RequiresForbidden { seed: seed.id, required: required.id, environment })
    })
}

fn reason(seed: &Seed, applied_versions: &BTreeMap<String, u32>) -> Reason {
    match applied_versions.get(seed.id) {
        None => Reason::First,
        Some(version) if *version == seed.version => Reason::Again,
        Some(_) => Reason::NewVersion,
    }
}

#[cfg(test)]
mod tests {
    use dbkit::Environment::{Development, Production, Staging};

    use super::*;
    use crate::Kind;

    fn seed(id: &'static str, kind: Kind, requires: &'static [&'static str]) -> Seed {
        let (description, version) = ("", 2);
        let (environments, rows) = (kind.environments(), Box::new(|_: &_| Vec::new()));
        Seed { id, description, kind, version, environments, requires, rows }
    }

    fn seeds() -> Vec<Seed> {
        vec![
            seed("volume.school", Kind::Volume, &["demo.people"]),
            seed("demo.people", Kind::Demo, &["reference.roles"]),
            seed("system.users", Kind::System, &["reference.roles"]),
            seed("reference.roles", Kind::Reference, &[]),
        ]
    }

    fn planned(
        environment: Environment,
        only: &[&str],
    ) -> Result<Vec<(&'static str, Action)>, PlanError> {
        let only: Vec<String> = only.iter().map(|id| (*id).to_owned()).collect();
        let history =
            BTreeMap::from([("reference.roles".to_owned(), 2), ("system.users".to_owned(), 1)]);
        let seeds = seeds();
        let plan = plan(&seeds, environment, &only, &history)?;
        Ok(plan.steps.iter().map(|(seed, action)| (seed.id, *action)).collect())
    }

    #[test]
    fn development_gets_everything_in_order() {
        assert_eq!(
            planned(Development, &[]).unwrap(),
            [
                ("reference.roles", Action::Apply(Reason::Again)),
                ("demo.people", Action::Apply(Reason::First)),
                ("system.users", Action::Apply(Reason::NewVersion)),
                ("volume.school", Action::Apply(Reason::First)),
            ]
        );
    }

    #[test]
    fn production_and_staging_skip_what_is_invented() {
        for environment in [Production, Staging] {
            let steps = planned(environment, &[]).unwrap();
            let skip = Action::Skip(Skip::NotForEnvironment);
            assert_eq!(steps[1], ("demo.people", skip));
            assert_eq!(steps[3], ("volume.school", skip));
            assert_eq!(steps[0].1, Action::Apply(Reason::Again));
            assert_eq!(steps[2].1, Action::Apply(Reason::NewVersion));
        }
    }

    #[test]
    fn production_refuses_an_invented_seed_that_is_asked_for() {
        let error = planned(Production, &["reference.roles", "demo.people"]).unwrap_err();
        assert_eq!(error, PlanError::Forbidden { seed: "demo.people", environment: Production });
    }

    #[test]
    fn a_selected_seed_brings_what_it_requires() {
        let steps = planned(Development, &["volume.school"]).unwrap();
        assert_eq!(steps[2], ("system.users", Action::Skip(Skip::NotSelected)));
        assert_eq!(
            steps.iter().filter(|(_, action)| matches!(action, Action::Apply(_))).count(),
            3
        );
    }

    #[test]
    fn an_unknown_seed_is_answered_with_the_known_ones() {
        let error = planned(Development, &["demo.peple"]).unwrap_err();
        assert!(matches!(error, PlanError::Unknown { known, .. } if known.len() == 4));
    }

    #[test]
    fn reference_data_cannot_rest_on_invented_rows() {
        let seeds = [
            seed("demo.people", Kind::Demo, &[]),
            seed("reference.roles", Kind::Reference, &["demo.people"]),
        ];
        let error = plan(&seeds, Production, &[], &BTreeMap::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "seed `reference.roles` requires `demo.people`, which may not run in production"
        );
    }
}
