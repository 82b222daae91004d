//! `audit_logs`: who did what to which row; only ever added to.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Who did what to which row; only ever added to.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "audit_logs")]
pub struct Model {
    /// Identifies the entry; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who did it; null for the system itself or a deleted user.
    pub actor_id: Option<Uuid>,
    /// What was done, such as `user.suspend`.
    #[sea_orm(column_type = "Text")]
    pub action: String,
    /// The table of the row that it was done to.
    #[sea_orm(column_type = "Text")]
    pub entity_type: String,
    /// The key of that row; null where many rows were meant.
    pub entity_id: Option<Uuid>,
    /// The row before, without secrets; null where there was none.
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Option<Json>,
    /// The row after, without secrets; null where there is none.
    #[sea_orm(column_type = "JsonBinary")]
    pub after: Option<Json>,
    /// Ties together what one request did.
    pub correlation_id: Option<Uuid>,
    /// When it was done.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// Who did it.
    #[sea_orm(belongs_to, from = "actor_id", to = "id", on_delete = "SetNull")]
    pub actor: BelongsTo<Option<super::user::Entity>>,
}

crate::key::fill_id_before_insert!();
