//! Guardians, and whose they are.

use entity::school::{guardian, student_guardian, types::GuardianRelationship};
use seeding_engine::{
    Space, Stream, World,
    values::{Locale, person::Name, phone::phone},
};
use uuid::Uuid;

use crate::{calendar::instant, people::Names};

const RELATIONSHIPS: [(u32, GuardianRelationship); 6] = [
    (44, GuardianRelationship::Mother),
    (42, GuardianRelationship::Father),
    (6, GuardianRelationship::Grandparent),
    (2, GuardianRelationship::Sibling),
    (4, GuardianRelationship::LegalGuardian),
    (2, GuardianRelationship::Other),
];

/// The guardians of one space.
pub(crate) struct Guardians {
    world: World,
    space: Space,
    names: Names,
    phone: Stream,
    relationship: Stream,
}

impl Guardians {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self {
            world: *world,
            space: Space::new(space),
            names: Names::new(world, space),
            phone: world.stream(space, "phone"),
            relationship: world.stream(space, "relationship"),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    pub(crate) fn name(&self, row: u64) -> Name {
        self.names.name(row)
    }

    /// The guardian of row `row`, without an account.
    pub(crate) fn row(&self, row: u64, name: &Name, email: String) -> guardian::Model {
        let since = instant(&self.world, -400, 0);
        guardian::Model {
            id: self.key(row),
            user_id: None,
            given_name: name.given.to_owned(),
            family_name: name.family.to_owned(),
            email: Some(email),
            phone: Some(phone(&mut self.phone.at(row), Locale::English)),
            created_at: since,
            updated_at: since,
        }
    }

    /// The guardian of row `row` cares for `student`.
    pub(crate) fn family(&self, row: u64, student: Uuid) -> student_guardian::Model {
        let since = instant(&self.world, -400, 0);
        student_guardian::Model {
            student_id: student,
            guardian_id: self.key(row),
            relationship: *self.relationship.at(row).weighted(&RELATIONSHIPS),
            is_primary: true,
            created_at: since,
            updated_at: since,
        }
    }
}
