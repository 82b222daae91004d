//! Roles, permissions, and who may do what.

use entity::{
    access::{permission, role, role_permission},
    prelude::{Permission, Role, RolePermission},
};
use sea_orm::{NotSet, Set};
use seeding_engine::{Content, Kind, Rows, Seed, named_key};

use super::role_key;

/// The roles with what they are for, in the order of the columns of [`MATRIX`].
pub const ROLES: [(&str, &str); 5] = [
    ("SUPERADMIN", "Runs the installation and may do everything"),
    ("ADMIN", "Runs the school from day to day"),
    ("TEACHER", "Teaches classes and grades their students"),
    ("STUDENT", "Attends classes and sees what concerns them"),
    ("PARENT", "Follows how their children do"),
];

/// Who may do what: ● may, · may not.
#[rustfmt::skip]
pub const MATRIX: [(&str, &str, &str); 34] = [
    //                      ┌ SUPERADMIN
    //                      │ ┌ ADMIN
    //                      │ │ ┌ TEACHER
    //                      │ │ │ ┌ STUDENT
    //                      │ │ │ │ ┌ PARENT
    ("USER_READ",           "● ● · · ·", "See accounts"),
    ("USER_CREATE",         "● ● · · ·", "Create and invite accounts"),
    ("USER_UPDATE",         "● ● · · ·", "Change accounts"),
    ("USER_SUSPEND",        "● ● · · ·", "Suspend accounts and let them in again"),
    ("USER_DELETE",         "● · · · ·", "Delete accounts"),
    ("ROLE_READ",           "● ● · · ·", "See roles and what they may do"),
    ("ROLE_CREATE",         "● · · · ·", "Create roles"),
    ("ROLE_UPDATE",         "● · · · ·", "Change what a role may do"),
    ("ROLE_DELETE",         "● · · · ·", "Delete roles"),
    ("ROLE_ASSIGN",         "● ● · · ·", "Give roles to accounts and take them away"),
    ("STUDENT_READ",        "● ● ● ● ●", "See students: all, one's own classes', oneself, one's own children"),
    ("STUDENT_CREATE",      "● ● · · ·", "Admit students"),
    ("STUDENT_UPDATE",      "● ● ● · ·", "Change what is known of students"),
    ("STUDENT_DELETE",      "● · · · ·", "Delete students"),
    ("STUDENT_EXPORT",      "● ● · · ·", "Export lists of students"),
    ("TEACHER_READ",        "● ● ● ● ●", "See teachers"),
    ("TEACHER_CREATE",      "● ● · · ·", "Hire teachers"),
    ("TEACHER_UPDATE",      "● ● · · ·", "Change what is known of teachers"),
    ("TEACHER_DELETE",      "● · · · ·", "Delete teachers"),
    ("ACADEMIC_READ",       "● ● ● ● ●", "See classes, timetables and results"),
    ("ACADEMIC_SCHEDULE",   "● ● · · ·", "Plan classes and timetables"),
    ("ACADEMIC_ENROLL",     "● ● · · ·", "Enroll students in classes"),
    ("ACADEMIC_EXAMINE",    "● ● ● · ·", "Set exams"),
    ("ACADEMIC_GRADE",      "● · ● · ·", "Grade exams"),
    ("ACADEMIC_ATTENDANCE", "● ● ● · ·", "Record who was in class"),
    ("SYSTEM_READ",         "● ● · · ·", "See how the installation is doing"),
    ("SYSTEM_CONFIGURE",    "● · · · ·", "Change settings of the installation"),
    ("SYSTEM_MAINTAIN",     "● · · · ·", "Take the installation down for maintenance"),
    ("AUDIT_READ",          "● ● · · ·", "See who did what"),
    ("AUDIT_EXPORT",        "● · · · ·", "Export who did what"),
    ("BACKUP_READ",         "● ● · · ·", "See which backups there are"),
    ("BACKUP_CREATE",       "● ● · · ·", "Make a backup"),
    ("BACKUP_VERIFY",       "● · · · ·", "Prove that a backup restores"),
    ("BACKUP_RESTORE",      "● · · · ·", "Restore a backup"),
];

/// The names of the roles that hold the permission of a row of [`MATRIX`].
pub fn holders(cells: &str) -> impl Iterator<Item = &'static str> {
    let roles = ROLES.iter().map(|(name, _)| *name);
    cells.split(' ').zip(roles).filter(|(cell, _)| *cell == "●").map(|(_, role)| role)
}

/// Roles, permissions and assignments.
pub fn access() -> Seed {
    Seed {
        id: "reference.access",
        description: "roles, permissions and who may do what",
        kind: Kind::Reference,
        version: 1,
        environments: Kind::Reference.environments(),
        requires: &[],
        content: Content::rows(|_| {
            vec![
                Rows::of::<Role>(roles()).synced([role::Column::Name]),
                Rows::of::<Permission>(permissions()).synced([permission::Column::Code]),
                Rows::of::<RolePermission>(assignments()).filled(),
            ]
        }),
    }
}

fn roles() -> impl Iterator<Item = role::ActiveModel> {
    ROLES.into_iter().map(|(name, description)| role::ActiveModel {
        id: Set(role_key(name)),
        name: Set(name.to_owned()),
        description: Set(description.to_owned()),
        created_at: NotSet,
        updated_at: NotSet,
    })
}

fn permissions() -> impl Iterator<Item = permission::ActiveModel> {
    MATRIX.into_iter().map(|(code, _, description)| {
        let (module, action) = code.split_once('_').unwrap_or((code, ""));
        permission::ActiveModel {
            id: Set(named_key("permissions", code)),
            code: Set(code.to_owned()),
            module: Set(module.to_lowercase()),
            action: Set(action.to_lowercase()),
            description: Set(description.to_owned()),
            created_at: NotSet,
            updated_at: NotSet,
        }
    })
}

fn assignments() -> impl Iterator<Item = role_permission::ActiveModel> {
    MATRIX.into_iter().flat_map(|(code, cells, _)| {
        holders(cells).map(move |role| role_permission::ActiveModel {
            role_id: Set(role_key(role)),
            permission_id: Set(named_key("permissions", code)),
            created_at: NotSet,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FAMILIES: [&str; 8] =
        ["USER_", "ROLE_", "STUDENT_", "TEACHER_", "ACADEMIC_", "SYSTEM_", "AUDIT_", "BACKUP_"];

    fn held_by(role: &str) -> usize {
        MATRIX.iter().filter(|(_, cells, _)| holders(cells).any(|holder| holder == role)).count()
    }

    #[test]
    fn every_family_has_permissions_and_every_permission_a_family() {
        for family in FAMILIES {
            assert!(MATRIX.iter().any(|(code, ..)| code.starts_with(family)), "{family}");
        }
        for (code, ..) in MATRIX {
            assert!(FAMILIES.iter().any(|family| code.starts_with(family)), "{code}");
        }
    }

    #[test]
    fn there_are_at_least_25_permissions_and_50_assignments() {
        assert!(MATRIX.len() >= 25);
        assert!(assignments().count() >= 50, "{}", assignments().count());
    }

    #[test]
    fn codes_are_unique_and_consist_of_a_module_and_an_action() {
        let codes: BTreeSet<&str> = MATRIX.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes.len(), MATRIX.len());
        for code in codes {
            let (module, action) = code.split_once('_').unwrap();
            for part in [module, action] {
                assert!(!part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase()), "{code}");
            }
        }
    }

    #[test]
    fn every_row_has_one_readable_cell_for_each_role() {
        for (code, cells, description) in MATRIX {
            let cells: Vec<&str> = cells.split(' ').collect();
            assert_eq!(cells.len(), ROLES.len(), "{code}");
            assert!(cells.iter().all(|cell| ["●", "·"].contains(cell)), "{code}");
            assert!(!description.is_empty(), "{code}");
        }
    }

    #[test]
    fn the_superadmin_may_do_everything_and_everybody_something() {
        assert_eq!(held_by("SUPERADMIN"), MATRIX.len());
        for (role, _) in ROLES {
            assert!(held_by(role) > 0, "{role}");
        }
        assert!(held_by("ADMIN") < MATRIX.len());
    }
}
