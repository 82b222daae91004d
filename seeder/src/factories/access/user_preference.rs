//! How users want the interface.

use entity::access::{types::Theme, user, user_preference};
use seeding_engine::{Space, Stream, World};
use serde_json::json;

const THEMES: [(u32, Theme); 3] = [(55, Theme::System), (20, Theme::Light), (25, Theme::Dark)];

/// Locale and zone go together.
const PLACES: [(u32, (&str, &str)); 7] = [
    (40, ("en", "UTC")),
    (20, ("en-GB", "Europe/London")),
    (12, ("de-DE", "Europe/Berlin")),
    (10, ("pt-PT", "Europe/Lisbon")),
    (8, ("fr-CA", "America/Toronto")),
    (6, ("ja-JP", "Asia/Tokyo")),
    (4, ("es-CL", "America/Santiago")),
];

/// The preferences of one space.
pub(crate) struct UserPreferences {
    space: Space,
    preference: Stream,
}

impl UserPreferences {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self { space: Space::new(space), preference: world.stream(space, "preference") }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    /// The preferences of row `row`, which `user` has.
    pub(crate) fn row(&self, row: u64, user: &user::Model) -> user_preference::Model {
        let mut draw = self.preference.at(row);
        let (locale, timezone) = *draw.weighted(&PLACES);
        user_preference::Model {
            id: self.space.key(row),
            user_id: user.id,
            theme: *draw.weighted(&THEMES),
            locale: locale.to_owned(),
            timezone: timezone.to_owned(),
            notifications: json!({
                "email": draw.chance(70),
                "push": draw.chance(40),
                "digest": draw.choose(&["daily", "weekly", "never"]),
            }),
            created_at: user.created_at,
            updated_at: user.created_at,
        }
    }
}
