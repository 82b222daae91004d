//! `user_preferences`: how a user wants the interface.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::Theme;

/// How a user wants the interface.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "user_preferences")]
pub struct Model {
    /// Identifies the preferences; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose preferences they are.
    #[sea_orm(unique)]
    pub user_id: Uuid,
    /// The colours of the interface.
    #[sea_orm(default_value = "system")]
    pub theme: Theme,
    /// Language and region as a BCP 47 tag, such as `pt-BR`.
    #[sea_orm(column_type = "Text", default_value = "en")]
    pub locale: String,
    /// The zone that times are shown in, as an IANA name such as `Europe/Lisbon`.
    #[sea_orm(column_type = "Text", default_value = "UTC")]
    pub timezone: String,
    /// Which channel may carry which kind of notification, as an object.
    #[sea_orm(column_type = "JsonBinary", default_expr = r#"Expr::cust("'{}'")"#)]
    pub notifications: Json,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Whose preferences they are.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

crate::key::fill_id_before_insert!();
