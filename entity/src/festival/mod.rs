//! A festival scout: venues, artists, events, and the people who follow them.

pub mod event;
pub mod event_attendance;
pub mod event_instructor;
pub mod event_musician;
pub mod instructor;
pub mod instructor_follow;
pub mod musician;
pub mod musician_follow;
pub mod notification;
pub mod pricing_tier;
pub mod review;
pub mod saved_event;
pub mod types;
pub mod venue;
