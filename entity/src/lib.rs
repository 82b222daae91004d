//! The tables of the reference domains as SeaORM entities, one file a table.
//!
//! The crate depends on `sea-orm` without a driver, so that an API can share it at little cost. It describes the
//! schema and does not create it: the migrations do, and a check compares the two.
//!
//! Keys are filled by the entity when it is inserted alone or in a graph, see [`Entity::insert`]; statements that
//! insert many rows bring their own. `created_at` and `updated_at` belong to the database: leave them unset.
//!
//! [`Entity::insert`]: sea_orm::EntityTrait::insert

mod key;

pub mod access;
pub mod festival;
pub mod prelude;
pub mod school;
