//! Takes what SeaORM's registry knows of the entities.

use std::{
    fmt::{self, Debug},
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{
    Database, DbBackend, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, SchemaBuilder,
    Statement,
};

use super::{definition::Definitions, statement};

/// Why nothing is known of the entities.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There are fewer than there must be. The linker leaves out the entities of a crate that a
    /// binary never mentions, and a check of no entities finds nothing.
    #[error("the registry has {found} entities, and at least {at_least} are expected")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many there must be.
        at_least: usize,
    },
    /// Two entities give one enumeration different labels.
    #[error("two entities disagree about the variants of enumeration {0}")]
    Disagreement(String),
    /// SeaORM made a statement that we do not understand.
    #[error("cannot read what SeaORM makes of an entity: {0}")]
    Unreadable(String),
    /// SeaORM made no statements.
    #[error("SeaORM cannot turn the entities into statements")]
    Statements(#[source] DbErr),
}

impl Definitions {
    /// What the entities in `builder` say of the schema.
    ///
    /// Nothing is sent anywhere: the statements that would create the tables are read instead.
    /// `at_least` is the least number of entities that there must be; with zero, one is asked for.
    pub async fn of(builder: SchemaBuilder, at_least: usize) -> Result<Self, RegistryError> {
        let statements = statements(builder).await.map_err(RegistryError::Statements)?;
        let mut definitions = Self::default();
        for sql in statements {
            let known = statement::read(&sql, &mut definitions);
            known.ok_or(RegistryError::Unreadable(sql))?;
        }
        let (found, at_least) = (definitions.tables.len(), at_least.max(1));
        if found < at_least {
            return Err(RegistryError::TooFew { found, at_least });
        }
        definitions.agree()?;
        Ok(definitions)
    }

    fn agree(&self) -> Result<(), RegistryError> {
        let all = &self.enumerations;
        let twice =
            |name| all.iter().filter(|enumeration| enumeration.name == name).take(2).count() == 2;
        match all.iter().find(|enumeration| twice(enumeration.name.clone())) {
            Some(enumeration) => Err(RegistryError::Disagreement(enumeration.name.to_string())),
            None => Ok(()),
        }
    }
}

async fn statements(builder: SchemaBuilder) -> Result<Vec<String>, DbErr> {
    let recorder = Recorder::default();
    let connection: Box<dyn ProxyDatabaseTrait> = Box::new(recorder.clone());
    let connection = Database::connect_proxy(DbBackend::Postgres, Arc::new(connection)).await?;
    builder.apply(&connection).await?;
    let mut statements = recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *statements))
}

/// A database that remembers what it was told, and does nothing.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Recorder {
    async fn query(&self, _: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        Ok(Vec::new())
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        let mut statements = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        statements.push(statement.to_string());
        Ok(ProxyExecResult::default())
    }
}

impl Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Schema;

    use super::*;

    #[tokio::test]
    async fn no_entities_are_no_answer() {
        let error = Definitions::of(Schema::new(DbBackend::Postgres).builder(), 0).await;
        assert!(matches!(error, Err(RegistryError::TooFew { found: 0, at_least: 1 })), "{error:?}");
    }
}
