//! People to log in as: one for every way of meeting the school.

mod school;
mod traces;

use entity::{
    access::{types::UserStatus, user},
    prelude::{
        Attendance, Class, Enrollment, Exam, ExamResult, Guardian, Schedule, Session, Student,
        StudentGuardian, Teacher, User, UserPreference, UserRole,
    },
};
use seeding_engine::{Content, Kind, Rows, Seed, World, named_key};
use uuid::Uuid;

pub(crate) use school::electives;

use crate::{
    Password, Settings, account,
    calendar::instant,
    factories::school::{
        attendance::Attendances, enrollment::Enrollment as Taken, exam_result::ExamResults,
    },
    password::{self, Salts},
    people::DOMAIN,
    records,
};

/// Somebody to log in as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Persona {
    /// What stands before the `@` of the address.
    pub name: &'static str,
    /// The full name.
    pub full_name: &'static str,
    /// The role, if any.
    pub role: Option<&'static str>,
    /// Whether the account may be used.
    pub status: UserStatus,
    /// What this persona is good for.
    pub about: &'static str,
}

/// The personas of the school.
pub const PERSONAS: [Persona; 10] = [
    active(
        "tess.teacher",
        "Tess Moreau",
        Some("TEACHER"),
        "teaches mathematics and computer science",
    ),
    active("theo.teacher", "Theo Lindqvist", Some("TEACHER"), "teaches art"),
    active("sam.student", "Sam Okafor", Some("STUDENT"), "in grade 7, child of Paula"),
    active("sara.student", "Sara Lindgren", Some("STUDENT"), "in grade 7, child of Peter"),
    active(
        "paula.parent",
        "Paula Okafor",
        Some("PARENT"),
        "mother of Sam and of Sunny, who has no account",
    ),
    active("peter.parent", "Peter Lindgren", Some("PARENT"), "father of Sara"),
    active("nora.norole", "Nora Bergmann", None, "may log in and has no role"),
    other("ivy.invited", "Ivy Castellan", UserStatus::Invited, "has not set a password yet"),
    other("sid.suspended", "Sid Marlowe", UserStatus::Suspended, "may not log in for now"),
    other("dora.disabled", "Dora Winterfeld", UserStatus::Disabled, "may never log in again"),
];

const fn active(
    name: &'static str,
    full_name: &'static str,
    role: Option<&'static str>,
    about: &'static str,
) -> Persona {
    Persona { name, full_name, role, status: UserStatus::Active, about }
}

const fn other(
    name: &'static str,
    full_name: &'static str,
    status: UserStatus,
    about: &'static str,
) -> Persona {
    Persona { name, full_name, role: Some("TEACHER"), status, about }
}

impl Persona {
    /// The address to log in with.
    pub fn email(&self) -> String {
        format!("{}@{DOMAIN}", self.name)
    }

    /// Whether the persona's password lets it in.
    pub fn can_log_in(&self) -> bool {
        self.status == UserStatus::Active
    }

    pub(crate) fn key(&self) -> Uuid {
        named_key("users", self.name)
    }

    /// The account, without its password.
    pub(crate) fn user(&self, world: &World) -> user::Model {
        let since = instant(world, -120, 9 * 60);
        let last_login_at = self.can_log_in().then(|| instant(world, -1, 17 * 60));
        let user = account::user(self.key(), self.email(), self.full_name.to_owned(), since);
        user::Model { status: self.status, last_login_at, ..user }
    }
}

/// The accounts of `personas`, with a hash of `password` where an invitation was accepted.
pub(crate) fn accounts(world: &World, personas: &[Persona], password: Option<&Password>) -> Rows {
    let invited: Vec<Uuid> = personas
        .iter()
        .filter(|persona| persona.status == UserStatus::Invited)
        .map(Persona::key)
        .collect();
    let (password, salts) = (password.cloned(), Salts::from_seed(world.seed));
    Rows::of::<User>(personas.iter().map(|persona| persona.user(world)))
        .completed_by([user::Column::PasswordHash], move |user| {
            let is_invited = user.id.try_as_ref().is_some_and(|id| invited.contains(id));
            password::set(user, password.as_ref().filter(|_| !is_invited), &salts)
        })
        .filled()
}

/// The personas with their families and classes.
pub fn seed(settings: &Settings) -> Seed {
    let password = settings.persona_password.clone();
    Seed {
        id: "demo.personas",
        description: "people to log in as, with families and classes",
        kind: Kind::Demo,
        version: 2,
        environments: Kind::Demo.environments(),
        requires: &["reference.access", "reference.subjects"],
        content: Content::rows(move |world| rows(world, password.as_ref())),
    }
}

fn rows(world: &World, password: Option<&Password>) -> Vec<Rows> {
    let since = instant(world, -100, 0);
    let roles = PERSONAS
        .iter()
        .filter_map(|persona| Some(account::holds(&persona.user(world), persona.role?)));
    let classes = school::classes(world);
    let enrollments = school::enrollments(world, &classes);
    let current = classes.iter().filter(|class| class.term == school::current_term(world));
    let current: Vec<_> = current.cloned().collect();
    let attendances = Attendances::new(world, "attendance/personas");
    let results = ExamResults::new(world, "exam_results/personas");
    vec![
        accounts(world, &PERSONAS, password),
        Rows::of::<UserRole>(roles).filled(),
        Rows::of::<UserPreference>(traces::preferences(world)).filled(),
        Rows::of::<Session>(traces::sessions(world)).filled(),
        Rows::of::<Teacher>(school::teachers(world)).filled(),
        Rows::of::<Student>(school::students(world)).filled(),
        Rows::of::<Guardian>(school::guardians(world)).filled(),
        Rows::of::<StudentGuardian>(school::families(world)).filled(),
        Rows::of::<Class>(classes.iter().map(|class| class.model(since))).filled(),
        Rows::of::<Schedule>(classes.iter().flat_map(|class| class.schedule(since))).filled(),
        Rows::of::<Enrollment>(enrollments.iter().map(Taken::model)).filled(),
        Rows::of::<Exam>(records::exams(world, &current)).filled(),
        Rows::of::<ExamResult>(records::results(world, &results, &enrollments)).filled(),
        Rows::of::<Attendance>(records::attendance(world, &attendances, &enrollments)).filled(),
    ]
}
