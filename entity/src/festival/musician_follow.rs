//! `musician_follows`: which user follows which musician.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which user follows which musician.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "musician_follows")]
pub struct Model {
    /// Who follows.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Who is followed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub musician_id: Uuid,
    /// When the user began to follow.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// Who follows.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<crate::access::user::Entity>,
    /// Who is followed.
    #[sea_orm(belongs_to, from = "musician_id", to = "id", on_delete = "Cascade")]
    pub musician: BelongsTo<super::musician::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
