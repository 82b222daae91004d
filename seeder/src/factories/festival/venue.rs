//! Venues: invented halls in real cities.

use entity::festival::venue;
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{Space, Stream, World};
use std::fmt::Display;
use uuid::Uuid;

use super::event::Host;
use crate::calendar::instant;

/// A city, with what the programme needs to know of its country.
struct City {
    name: &'static str,
    country_code: &'static str,
    timezone: &'static str,
    /// Hours that its clocks are ahead of UTC outside of summer.
    utc_offset_hours: i64,
    /// Latitude and longitude in thousandths of a degree.
    coordinates: (i64, i64),
    currency: &'static str,
    /// What an ordinary ticket costs, in whole units of the currency.
    price: i64,
    /// A street that no map has.
    street: &'static str,
}

#[rustfmt::skip]
const CITIES: [City; 12] = [
    City { name: "Ghent", country_code: "BE", timezone: "Europe/Brussels", utc_offset_hours: 1, coordinates: (51_054, 3_717), currency: "EUR", price: 40, street: "Voorbeeldstraat" },
    City { name: "Bologna", country_code: "IT", timezone: "Europe/Rome", utc_offset_hours: 1, coordinates: (44_495, 11_343), currency: "EUR", price: 38, street: "Via dell'Esempio" },
    City { name: "Uppsala", country_code: "SE", timezone: "Europe/Stockholm", utc_offset_hours: 1, coordinates: (59_859, 17_639), currency: "SEK", price: 420, street: "Exempelgatan" },
    City { name: "Leeds", country_code: "GB", timezone: "Europe/London", utc_offset_hours: 0, coordinates: (53_801, -1_549), currency: "GBP", price: 34, street: "Example Street" },
    City { name: "Leipzig", country_code: "DE", timezone: "Europe/Berlin", utc_offset_hours: 1, coordinates: (51_340, 12_375), currency: "EUR", price: 36, street: "Musterstraße" },
    City { name: "Oaxaca", country_code: "MX", timezone: "America/Mexico_City", utc_offset_hours: -6, coordinates: (17_073, -96_727), currency: "MXN", price: 700, street: "Calle Ejemplo" },
    City { name: "Recife", country_code: "BR", timezone: "America/Recife", utc_offset_hours: -3, coordinates: (-8_048, -34_877), currency: "BRL", price: 190, street: "Rua do Exemplo" },
    City { name: "New Orleans", country_code: "US", timezone: "America/Chicago", utc_offset_hours: -6, coordinates: (29_951, -90_072), currency: "USD", price: 45, street: "Example Avenue" },
    City { name: "Accra", country_code: "GH", timezone: "Africa/Accra", utc_offset_hours: 0, coordinates: (5_604, -187), currency: "GHS", price: 380, street: "Example Road" },
    City { name: "Taipei", country_code: "TW", timezone: "Asia/Taipei", utc_offset_hours: 8, coordinates: (25_033, 121_565), currency: "TWD", price: 1_400, street: "Example Road" },
    City { name: "Melbourne", country_code: "AU", timezone: "Australia/Melbourne", utc_offset_hours: 10, coordinates: (-37_814, 144_963), currency: "AUD", price: 65, street: "Example Lane" },
    City { name: "Wellington", country_code: "NZ", timezone: "Pacific/Auckland", utc_offset_hours: 12, coordinates: (-41_287, 174_776), currency: "NZD", price: 60, street: "Example Terrace" },
];

const FIRST_WORDS: [&str; 10] = [
    "Copper", "Lantern", "Granary", "Harbour", "Juniper", "Kiln", "Orchard", "Saffron", "Tannery",
    "Weavers'",
];

const HALLS: [&str; 6] = ["Ballroom", "Hall", "Loft", "Pavilion", "Rooms", "Theatre"];

const CAPACITIES: [(u32, i32); 5] = [(20, 180), (30, 260), (25, 400), (15, 650), (10, 1_100)];

/// The venues of one space.
pub(crate) struct Venues {
    world: World,
    space: Space,
    venue: Stream,
}

impl Venues {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self { world: *world, space: Space::new(space), venue: world.stream(space, "venue") }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    /// The venue of row `row`, with `number` in its address on the web.
    pub(crate) fn row(&self, row: u64, number: impl Display) -> venue::Model {
        let Site { city, name, capacity, house, offset } = self.site(row);
        let slug = format!("{}-{}", name, city.name).to_lowercase().replace(' ', "-");
        let since = instant(&self.world, -500, 0);
        venue::Model {
            id: self.key(row),
            slug: format!("{}-{number}", slug.replace('\'', "")),
            name,
            address: Some(format!("{} {house}", city.street)),
            city: city.name.to_owned(),
            country_code: city.country_code.to_owned(),
            timezone: city.timezone.to_owned(),
            latitude: Some(Decimal::new(city.coordinates.0 * 1_000 + offset.0, 6)),
            longitude: Some(Decimal::new(city.coordinates.1 * 1_000 + offset.1, 6)),
            capacity,
            created_at: since,
            updated_at: since,
        }
    }

    /// What an event takes over from the venue of row `row`.
    pub(crate) fn host(&self, row: u64) -> Host {
        let Site { city, name, capacity, .. } = self.site(row);
        Host {
            venue: self.key(row),
            name,
            timezone: city.timezone,
            utc_offset_hours: city.utc_offset_hours,
            capacity,
            currency: city.currency,
            price: city.price,
        }
    }

    fn site(&self, row: u64) -> Site {
        let mut draw = self.venue.at(row);
        Site {
            city: draw.choose(&CITIES),
            name: format!("{} {}", draw.choose(&FIRST_WORDS), draw.choose(&HALLS)),
            capacity: *draw.weighted(&CAPACITIES),
            house: draw.between(1, 140),
            offset: (draw.between(-20_000, 20_000), draw.between(-20_000, 20_000)),
        }
    }
}

/// What is drawn for a venue.
struct Site {
    city: &'static City,
    name: String,
    capacity: i32,
    house: i64,
    /// Millionths of a degree from the middle of the city.
    offset: (i64, i64),
}
