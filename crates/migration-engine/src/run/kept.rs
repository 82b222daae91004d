//! What a rollback would lose, kept before and put back after.

use sea_orm::{ConnectionTrait, TransactionTrait as _};

use super::{Cause, step::Step};
use crate::{
    event::{Direction, MigrationEvent},
    safekeep,
};

impl Step<'_> {
    /// Copies what the rollback loses, where that was asked for: of all its migrations, as far as it is there.
    pub(super) async fn keep(&self, transaction: &impl ConnectionTrait) -> Result<(), Cause> {
        let orders = self.runner.orders;
        let (run, now) = (orders.operation.id, orders.clock.now());
        for (migration, losses) in &self.options.safekeep {
            let losses = safekeep::remaining(transaction, losses, run).await?;
            let kept = safekeep::keep(transaction, &losses, run, migration, now).await;
            kept.map_err(|error| Cause::Safekeep(Box::new(error)))?;
        }
        Ok(())
    }

    /// Puts back what the last way down had kept.
    pub(super) async fn put_back(&self, transaction: &impl ConnectionTrait) -> Result<(), Cause> {
        if self.direction == Direction::Down {
            return Ok(());
        }
        let back = safekeep::put_back(transaction, self.name(), self.runner.orders.clock.now());
        let back = back.await.map_err(|error| Cause::Safekeep(Box::new(error)))?;
        if !back.items.is_empty() || !back.left.is_empty() {
            let rows = back.items.iter().map(|item| item.rows).sum();
            let left = back.left.iter().map(|left| format!("{}: {}", left.name, left.reason));
            let (name, left) = (self.name().to_owned(), left.collect());
            self.runner.orders.report.report(&MigrationEvent::PutBack { name, rows, left });
        }
        Ok(())
    }

    /// [`Step::keep`] for a migration that has no transaction.
    pub(super) async fn keep_alone(&self) -> Result<(), Cause> {
        if self.options.safekeep.is_empty() {
            return Ok(());
        }
        let transaction = self.runner.session.db().begin().await?;
        self.keep(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}
