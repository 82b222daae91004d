//! One row at a time: a factory for every entity that a test needs.
//!
//! A factory makes row 0, 1, 2 … of its table, always the same ones for the same [`World`]. What is
//! to be different is changed with a state of ours, such as [`access::suspended`], or with a closure;
//! `create` writes a row together with the parents that it needs.
//!
//! The volume seeds make their cells of the same rows.
//!
//! ```
//! use seeder::factories::{access, school};
//! use seeding_engine::World;
//!
//! let world = World { seed: 42, as_of: "2026-03-02".parse().unwrap() };
//! let user = access::user(world).with(access::suspended).build(0);
//! assert!(user.email.ends_with("@mail.example"));
//!
//! let student = school::student(world).with(|student| student.grade_level = 12).build(7);
//! let enrollment = school::enrollment(world).build(7);
//! assert_eq!((student.grade_level, enrollment.student_id), (12, student.id));
//! ```
//!
//! [`World`]: seeding_engine::World

pub mod access;
pub mod festival;
pub mod school;

/// The part of a key that tells the rows of factories from those of seeds.
const FACTORY: &str = "factory";

/// The space of the rows that factories make for `table`.
fn space(table: &str) -> String {
    format!("{table}/{FACTORY}")
}

#[cfg(test)]
mod tests;
