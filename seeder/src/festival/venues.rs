//! Six invented venues in six real cities, each in another country, zone and currency.

use entity::festival::venue;
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{World, key};
use uuid::Uuid;

use crate::{calendar::instant, factories::festival::event::Host};

/// A venue with what the programme needs to know of its country.
#[derive(Clone, Copy, Debug)]
struct Place {
    slug: &'static str,
    name: &'static str,
    address: &'static str,
    city: &'static str,
    country_code: &'static str,
    timezone: &'static str,
    /// Hours that its clocks are ahead of UTC in winter.
    utc_offset_hours: i64,
    /// Latitude and longitude in millionths of a degree.
    coordinates: (i64, i64),
    capacity: i32,
    currency: &'static str,
    /// What an ordinary ticket costs, in whole units of the currency.
    price: i64,
}

/// The venues.
const PLACES: [Place; 6] = [
    Place {
        slug: "rua-nova-hall",
        name: "Rua Nova Hall",
        address: "Rua do Exemplo 12",
        city: "Porto",
        country_code: "PT",
        timezone: "Europe/Lisbon",
        utc_offset_hours: 0,
        coordinates: (41_149_600, -8_611_000),
        capacity: 420,
        currency: "EUR",
        price: 45,
    },
    Place {
        slug: "spinning-mill",
        name: "The Spinning Mill",
        address: "ul. Przykładowa 3",
        city: "Łódź",
        country_code: "PL",
        timezone: "Europe/Warsaw",
        utc_offset_hours: 1,
        coordinates: (51_759_200, 19_456_000),
        capacity: 650,
        currency: "PLN",
        price: 180,
    },
    Place {
        slug: "maple-pavilion",
        name: "Maple Pavilion",
        address: "101, avenue de l'Exemple",
        city: "Montréal",
        country_code: "CA",
        timezone: "America/Toronto",
        utc_offset_hours: -5,
        coordinates: (45_501_700, -73_567_300),
        capacity: 900,
        currency: "CAD",
        price: 60,
    },
    Place {
        slug: "kamogawa-dance-house",
        name: "Kamogawa Dance House",
        address: "1-2-3 Rei-cho",
        city: "Kyoto",
        country_code: "JP",
        timezone: "Asia/Tokyo",
        utc_offset_hours: 9,
        coordinates: (35_011_600, 135_768_100),
        capacity: 280,
        currency: "JPY",
        price: 6_500,
    },
    Place {
        slug: "salon-del-puerto",
        name: "Salón del Puerto",
        address: "Calle Ejemplo 45",
        city: "Valparaíso",
        country_code: "CL",
        timezone: "America/Santiago",
        utc_offset_hours: -4,
        coordinates: (-33_047_200, -71_612_700),
        capacity: 350,
        currency: "CLP",
        price: 38_000,
    },
    Place {
        slug: "karoo-barn",
        name: "Karoo Barn",
        address: "7 Example Road",
        city: "Graaff-Reinet",
        country_code: "ZA",
        timezone: "Africa/Johannesburg",
        utc_offset_hours: 2,
        coordinates: (-32_252_200, 24_530_700),
        capacity: 500,
        currency: "ZAR",
        price: 550,
    },
];

/// The key of the venue at `index` in [`PLACES`].
fn venue_key(index: usize) -> Uuid {
    key("venues", index as u64)
}

/// What an event takes over from the venue at `index`.
pub(crate) fn host(index: usize) -> Host {
    let place = PLACES[index];
    Host {
        venue: venue_key(index),
        name: place.name.to_owned(),
        timezone: place.timezone,
        utc_offset_hours: place.utc_offset_hours,
        capacity: place.capacity,
        currency: place.currency,
        price: place.price,
    }
}

pub(super) fn venues(world: &World) -> Vec<venue::Model> {
    let since = instant(world, -500, 0);
    let venue = |(index, place): (usize, Place)| venue::Model {
        id: venue_key(index),
        slug: place.slug.to_owned(),
        name: place.name.to_owned(),
        address: Some(place.address.to_owned()),
        city: place.city.to_owned(),
        country_code: place.country_code.to_owned(),
        timezone: place.timezone.to_owned(),
        latitude: Some(Decimal::new(place.coordinates.0, 6)),
        longitude: Some(Decimal::new(place.coordinates.1, 6)),
        capacity: place.capacity,
        created_at: since,
        updated_at: since,
    };
    PLACES.into_iter().enumerate().map(venue).collect()
}
