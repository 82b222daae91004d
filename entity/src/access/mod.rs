//! Who may do what: users, roles, permissions, and what they leave behind.

pub mod audit_log;
pub mod ip_address;
pub mod permission;
pub mod role;
pub mod role_permission;
pub mod session;
pub mod types;
pub mod user;
pub mod user_preference;
pub mod user_role;
