//! `sessions`: logins that were given a token.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::ip_address::IpAddress;

/// Logins that were given a token.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// Identifies the session; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is logged in.
    pub user_id: Uuid,
    /// SHA-256 of the token, as 64 lower-case hexadecimal digits; the token itself is never stored.
    #[sea_orm(column_type = "Text", unique)]
    #[serde(skip_serializing)]
    pub token_hash: String,
    /// The address that the login came from; a single host.
    #[sea_orm(column_type = r#"custom("inet")"#, select_as = "text", save_as = "inet")]
    pub ip: Option<IpAddress>,
    /// What the client called itself.
    #[sea_orm(column_type = "Text")]
    pub user_agent: Option<String>,
    /// When the token stops working.
    pub expires_at: DateTimeUtc,
    /// When the token was withdrawn before its time.
    pub revoked_at: Option<DateTimeUtc>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Who is logged in.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<super::user::Entity>,
}

crate::key::fill_id_before_insert!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_hash_is_never_serialised() -> serde_json::Result<()> {
        let session = Model {
            id: Uuid::nil(),
            user_id: Uuid::nil(),
            token_hash: "5ec2e7".repeat(10),
            ip: Some(IpAddress([203, 0, 113, 7].into())),
            user_agent: None,
            expires_at: DateTimeUtc::UNIX_EPOCH,
            revoked_at: None,
            created_at: DateTimeUtc::UNIX_EPOCH,
            updated_at: DateTimeUtc::UNIX_EPOCH,
        };
        for json in [serde_json::to_string(&session)?, serde_json::to_string(&session.into_ex())?] {
            assert!(json.contains(r#""ip":"203.0.113.7""#), "{json}");
            assert!(!json.contains("5ec2e7") && !json.contains("token_hash"), "{json}");
        }
        Ok(())
    }
}
