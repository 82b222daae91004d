//! `notifications`: what a user is told.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::NotificationKind;

/// What a user is told.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    /// Identifies the notification; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is told.
    pub user_id: Uuid,
    /// What it tells.
    pub kind: NotificationKind,
    /// What the text is made from, as an object; its keys depend on the kind.
    #[sea_orm(column_type = "JsonBinary", default_expr = r#"Expr::cust("'{}'")"#)]
    pub payload: Json,
    /// When the user read it; null until then.
    pub read_at: Option<DateTimeUtc>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Who is told.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<crate::access::user::Entity>,
}

crate::key::fill_id_before_insert!();
