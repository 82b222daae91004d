//! The entities of this project, for the commands that compare them with the database.

// Without a mention of the crate, the linker leaves out its entities, and the registry is empty.
use entity as _;
use migration_engine::entities::Definitions;
use sea_orm_migration::sea_orm::{DbBackend, EntityRegistry, Schema};
use terminal::{Exit, Failure};

/// How many entities the project has, at least: a check of fewer would prove too little.
const AT_LEAST: usize = 32;

/// What the entities say of the schema.
pub(super) async fn definitions() -> Result<Definitions, Failure> {
    let registry = EntityRegistry::build_schema(Schema::new(DbBackend::Postgres), "entity::*");
    Definitions::of(registry, AT_LEAST).await.map_err(|error| {
        Failure::new(Exit::Failed, "entities.unknown", error).hint(
            "each entity derives DeriveEntityModel; `entity` is built with feature `registry`",
        )
    })
}
