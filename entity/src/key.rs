//! How a row gets its key.
//!
//! Keys are UUIDs of version 7: they grow with time, so that new rows land on the last page of an index and not on
//! a random one. The entity makes the key, because PostgreSQL can do it only from version 18 on.

use sea_orm::ActiveValue;
use uuid::Uuid;

/// Implements `ActiveModelBehavior` for an entity whose key is the column `id`: an unset key is filled before the
/// row is inserted.
///
/// The hook and not `ActiveModel::new` fills it, because `save` takes a row with a key for one that exists.
/// `insert_many` runs no hooks; there the caller brings the keys.
macro_rules! fill_id_before_insert {
    () => {
        #[async_trait::async_trait]
        impl ActiveModelBehavior for ActiveModel {
            async fn before_save<C: ConnectionTrait>(
                mut self,
                _db: &C,
                insert: bool,
            ) -> Result<Self, DbErr> {
                if insert {
                    $crate::key::fill(&mut self.id);
                }
                Ok(self)
            }
        }
    };
}
pub(crate) use fill_id_before_insert;

/// Sets a key that the caller has left open.
#[expect(
    clippy::disallowed_methods,
    reason = "who wants repeatable keys sets them; this is for rows of which nobody cares"
)]
pub(crate) fn fill(id: &mut ActiveValue<Uuid>) {
    if id.is_not_set() {
        *id = ActiveValue::Set(Uuid::now_v7());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_key_becomes_a_time_ordered_one() {
        let (mut first, mut second) = (ActiveValue::NotSet, ActiveValue::NotSet);
        fill(&mut first);
        fill(&mut second);
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.get_version_num(), 7);
        assert!(first < second);
    }

    #[test]
    fn a_key_of_the_caller_stays() {
        let mut id = ActiveValue::Set(Uuid::nil());
        fill(&mut id);
        assert_eq!(id, ActiveValue::Set(Uuid::nil()));
    }
}
