//! Which seeds a run applies, decided before anything is touched.

use std::collections::{BTreeMap, BTreeSet};

use dbkit::Environment;
use serde::Serialize;

use crate::{
    Kind, Seed,
    arrange::Circle,
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
    /// It was left out by name.
    LeftOut,
    /// It needs rows of a seed that was left out and was never applied.
    RequiresLeftOut,
    /// It is a scenario, which is applied only where it is named.
    OnlyByName,
}

/// Which seeds are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These, with what they require; where it is empty, all but the scenarios.
    pub only: Vec<String>,
    /// None of these.
    pub skip: Vec<String>,
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
    /// Tables of a seed refer to each other, and none of the references may be null; a mistake in
    /// the code.
    #[error("tables of seed `{seed}` refer to each other in a circle: {}", path.join(" -> "))]
    Circle {
        /// The seed.
        seed: &'static str,
        /// The tables.
        path: Vec<&'static str>,
    },
    /// A seed does not require what fills a table that its rows need; a mistake in the code.
    #[error(
        "seed `{seed}` fills `{table}`, whose `{column}` refers to `{to}`, and no seed that it \
         requires fills that; `{filled_by}` does"
    )]
    RequiresMore {
        /// The seed.
        seed: &'static str,
        /// The table that it fills.
        table: &'static str,
        /// The column that is never null.
        column: String,
        /// The table that is referred to.
        to: String,
        /// A seed that fills it.
        filled_by: String,
    },
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
    /// Nothing was asked for.
    #[error("scale 0 would be no rows at all")]
    NoScale,
    /// There are more rows than that.
    #[error("the database holds scale {present}, which is more than {asked}")]
    Smaller {
        /// The scale that was asked for.
        asked: u64,
        /// The scale of what is there.
        present: u64,
    },
    /// There are not that many keys.
    #[error("scale {scale} is too large: the keys of `{table}` suffice for scale {most}")]
    TooLarge {
        /// The scale that was asked for.
        scale: u64,
        /// The table whose keys would not suffice.
        table: &'static str,
        /// The largest scale.
        most: u64,
    },
    /// Generated rows of another version of the seed are there; the two cannot be mixed.
    #[error(
        "the database holds rows of version {recorded} of seed `{seed}`; this is version {current}"
    )]
    OtherVersion {
        /// The seed.
        seed: &'static str,
        /// The version of the rows.
        recorded: u32,
        /// The version that would add to them.
        current: u32,
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

impl PlanError {
    pub(crate) fn circle(seed: &'static str, Circle(path): Circle) -> Self {
        Self::Circle { seed, path }
    }

    pub(crate) fn unknown(id: &str, seeds: &[Seed]) -> Self {
        let known = seeds.iter().map(|seed| seed.id).collect();
        Self::Unknown { id: id.to_owned(), known }
    }
}

/// Decides what to do with each of `seeds` in `environment`.
///
/// `applied_versions` is what the history knows.
pub fn plan<'a>(
    seeds: &'a [Seed],
    environment: Environment,
    selection: &Selection,
    applied_versions: &BTreeMap<String, u32>,
) -> Result<Plan<'a>, PlanError> {
    let nodes: Vec<Node<'_>> =
        seeds.iter().map(|seed| Node { id: seed.id, requires: seed.requires }).collect();
    let order = graph::order(&nodes)?;
    let selected = selected(seeds, environment, &selection.only)?;
    let left_out = left_out(seeds, &selection.skip)?;
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    let mut steps = Vec::with_capacity(seeds.len());
    for seed in order.into_iter().map(|index| &seeds[index]) {
        let skip = if !selected.contains(seed.id) {
            Some(if seed.kind == Kind::Scenario { Skip::OnlyByName } else { Skip::NotSelected })
        } else if !seed.may_run_in(environment) {
            Some(Skip::NotForEnvironment)
        } else if left_out.contains(seed.id) {
            Some(Skip::LeftOut)
        } else if seed.requires.iter().any(|id| missing.contains(id)) {
            Some(Skip::RequiresLeftOut)
        } else {
            requirements_may_run(seed, seeds, environment)?;
            None
        };
        if matches!(skip, Some(Skip::LeftOut | Skip::RequiresLeftOut))
            && !applied_versions.contains_key(seed.id)
        {
            missing.insert(seed.id);
        }
        let action =
            skip.map_or_else(|| Action::Apply(reason(seed, applied_versions)), Action::Skip);
        steps.push((seed, action));
    }
    Ok(Plan { steps })
}

fn left_out<'a>(seeds: &[Seed], skip: &'a [String]) -> Result<BTreeSet<&'a str>, PlanError> {
    if let Some(id) = skip.iter().find(|id| seeds.iter().all(|seed| seed.id != id.as_str())) {
        return Err(PlanError::unknown(id, seeds));
    }
    Ok(skip.iter().map(String::as_str).collect())
}

/// The names of the selected seeds and of all that they require.
fn selected(
    seeds: &[Seed],
    environment: Environment,
    only: &[String],
) -> Result<BTreeSet<&'static str>, PlanError> {
    let by_id: BTreeMap<&str, &Seed> = seeds.iter().map(|seed| (seed.id, seed)).collect();
    if only.is_empty() {
        let by_default = seeds.iter().filter(|seed| seed.kind != Kind::Scenario);
        return Ok(by_default.map(|seed| seed.id).collect());
    }
    let mut selected = BTreeSet::new();
    let mut open = Vec::new();
    for id in only {
        let Some(seed) = by_id.get(id.as_str()) else {
            return Err(PlanError::unknown(id, seeds));
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
    use crate::{Content, Kind};

    fn seed(id: &'static str, kind: Kind, requires: &'static [&'static str]) -> Seed {
        let (description, version) = ("", 2);
        let (environments, content) = (kind.environments(), Content::rows(|_| Vec::new()));
        Seed { id, description, kind, version, environments, requires, content }
    }

    fn seeds() -> Vec<Seed> {
        vec![
            seed("volume.school", Kind::Volume, &["demo.people"]),
            seed("scenario.exam", Kind::Scenario, &["demo.people"]),
            seed("demo.people", Kind::Demo, &["reference.roles"]),
            seed("system.users", Kind::System, &["reference.roles"]),
            seed("reference.roles", Kind::Reference, &[]),
        ]
    }

    fn planned(
        environment: Environment,
        only: &[&str],
    ) -> Result<Vec<(&'static str, Action)>, PlanError> {
        planned_without(environment, only, &[])
    }

    fn planned_without(
        environment: Environment,
        only: &[&str],
        skip: &[&str],
    ) -> Result<Vec<(&'static str, Action)>, PlanError> {
        let names = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let selection = Selection { only: names(only), skip: names(skip) };
        let history =
            BTreeMap::from([("reference.roles".to_owned(), 2), ("system.users".to_owned(), 1)]);
        let seeds = seeds();
        let plan = plan(&seeds, environment, &selection, &history)?;
        Ok(plan.steps.iter().map(|(seed, action)| (seed.id, *action)).collect())
    }

    #[test]
    fn development_gets_everything_in_order() {
        assert_eq!(
            planned(Development, &[]).unwrap(),
            [
                ("reference.roles", Action::Apply(Reason::Again)),
                ("demo.people", Action::Apply(Reason::First)),
                ("scenario.exam", Action::Skip(Skip::OnlyByName)),
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
            assert_eq!(steps[4], ("volume.school", skip));
            assert_eq!(steps[0].1, Action::Apply(Reason::Again));
            assert_eq!(steps[3].1, Action::Apply(Reason::NewVersion));
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
        assert_eq!(steps[3], ("system.users", Action::Skip(Skip::NotSelected)));
        assert_eq!(
            steps.iter().filter(|(_, action)| matches!(action, Action::Apply(_))).count(),
            3
        );
    }

    #[test]
    fn what_is_left_out_takes_with_it_what_needs_its_rows() {
        let steps = planned_without(Development, &[], &["demo.people"]).unwrap();
        assert_eq!(steps[1], ("demo.people", Action::Skip(Skip::LeftOut)));
        assert_eq!(steps[4], ("volume.school", Action::Skip(Skip::RequiresLeftOut)));
        // The rows of a seed that was applied once are there.
        let steps = planned_without(Development, &[], &["reference.roles"]).unwrap();
        assert_eq!(steps[1], ("demo.people", Action::Apply(Reason::First)));
        assert!(planned_without(Development, &[], &["demo.peple"]).is_err());
    }

    #[test]
    fn a_scenario_is_applied_where_it_is_named() {
        let steps = planned(Development, &["scenario.exam"]).unwrap();
        assert_eq!(steps[2], ("scenario.exam", Action::Apply(Reason::First)));
        assert_eq!(steps[1].1, Action::Apply(Reason::First));
    }

    #[test]
    fn an_unknown_seed_is_answered_with_the_known_ones() {
        let error = planned(Development, &["demo.peple"]).unwrap_err();
        assert!(matches!(error, PlanError::Unknown { known, .. } if known.len() == 5));
    }

    #[test]
    fn reference_data_cannot_rest_on_invented_rows() {
        let seeds = [
            seed("demo.people", Kind::Demo, &[]),
            seed("reference.roles", Kind::Reference, &["demo.people"]),
        ];
        let error = plan(&seeds, Production, &Selection::default(), &BTreeMap::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "seed `reference.roles` requires `demo.people`, which may not run in production"
        );
    }
}
