//! Names, languages, zones and currencies that break what was only tried at home.
//!
//! The names are the ones that forms of each country print as an example.

use entity::{
    access::{types::Theme, user, user_preference},
    festival::{
        types::{EventAttendanceStatus, EventStatus},
        venue,
    },
    prelude::{Event, EventAttendance, PricingTier, Review, User, UserPreference, Venue},
};
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{Rows, Space, World};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Password, account,
    calendar::instant,
    factories::festival::{
        event::{EventSpaces, Host, Show},
        event_attendance::EventAttendances,
        review::Reviews,
    },
};

const NAME: &str = "international";

/// What stands before the `@`, full name, locale, zone.
type Guest = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const GUESTS: [Guest; 14] = [
    ("taro.yamada", "山田 太郎", "ja-JP", "Asia/Tokyo"),
    ("gildong.hong", "홍길동", "ko-KR", "Asia/Seoul"),
    ("san.zhang", "張三", "zh-Hant-TW", "Asia/Taipei"),
    ("fulan.alfulani", "فلان الفلاني", "ar-EG", "Africa/Cairo"),
    ("israel.israeli", "ישראל ישראלי", "he-IL", "Asia/Jerusalem"),
    ("vasya.pupkin", "Вася Пупкин", "ru-RU", "Asia/Vladivostok"),
    ("jan.novak", "Jan Novák", "cs-CZ", "Europe/Prague"),
    ("erika.mustermann", "Erika Mustermann-Großmüller", "de-DE", "Europe/Berlin"),
    ("jona.jonsdottir", "Jóna Jónsdóttir", "is-IS", "Atlantic/Reykjavik"),
    ("fulano.detal", "Fulano de Tal y Ejemplo", "es-419", "America/St_Johns"),
    ("ism.isik", "İsim Işık", "tr-TR", "Europe/Istanbul"),
    ("van.nguyen", "Nguyễn Văn A", "vi-VN", "Asia/Ho_Chi_Minh"),
    ("petar.petrovic", "Petar Petrović", "sr-Latn-RS", "Europe/Belgrade"),
    ("o", "O", "en-NZ", "Pacific/Chatham"),
];

/// Where an event is held that is hard to get right.
struct Stop {
    slug: &'static str,
    hall: &'static str,
    address: &'static str,
    city: &'static str,
    country_code: &'static str,
    timezone: &'static str,
    /// Minutes that its clocks are ahead of UTC outside of summer: not all zones are whole hours.
    utc_offset_minutes: i64,
    /// Latitude and longitude in millionths of a degree.
    coordinates: (i64, i64),
    currency: &'static str,
    /// What an ordinary ticket costs, in whole units of the currency.
    price: i64,
    title: &'static str,
}

#[rustfmt::skip]
const STOPS: [Stop; 6] = [
    Stop { slug: "kathmandu", hall: "उदाहरण हल", address: "Example Marg 9", city: "काठमाडौँ", country_code: "NP", timezone: "Asia/Kathmandu", utc_offset_minutes: 345, coordinates: (27_717_000, 85_324_000), currency: "NPR", price: 2_500, title: "काठमाडौँ स्विङ" },
    Stop { slug: "apia", hall: "Example Fale", address: "Example Road 1", city: "Apia", country_code: "WS", timezone: "Pacific/Apia", utc_offset_minutes: 780, coordinates: (-13_833_000, -171_767_000), currency: "WST", price: 45, title: "First to See the Sun" },
    Stop { slug: "honolulu", hall: "Example Hale", address: "1 Example Street", city: "Honolulu", country_code: "US", timezone: "Pacific/Honolulu", utc_offset_minutes: -600, coordinates: (21_307_000, -157_858_000), currency: "USD", price: 30, title: "Last to See the Sun" },
    Stop { slug: "st-johns", hall: "Example Wharf", address: "5 Example Lane", city: "St. John's", country_code: "CA", timezone: "America/St_Johns", utc_offset_minutes: -210, coordinates: (47_562_000, -52_713_000), currency: "CAD", price: 35, title: "Half an Hour Later" },
    Stop { slug: "cairo", hall: "قاعة المثال", address: "شارع المثال ٧", city: "القاهرة", country_code: "EG", timezone: "Africa/Cairo", utc_offset_minutes: 120, coordinates: (30_044_000, 31_236_000), currency: "EGP", price: 900, title: "ليلة سوينغ في القاهرة 🎷" },
    Stop { slug: "kyoto", hall: "例の会館", address: "例町 1-2-3", city: "京都", country_code: "JP", timezone: "Asia/Tokyo", utc_offset_minutes: 540, coordinates: (35_011_600, 135_768_100), currency: "JPY", price: 6_500, title: "真夜中のスウィング" },
];

pub(super) fn rows(world: &World, _: Option<&Password>) -> Vec<Rows> {
    let shows: Vec<Show> = (0..).zip(&STOPS).map(|(row, stop)| show(world, row, stop)).collect();
    let users = users(world);
    let attendances = EventAttendances::new("event_attendances/international");
    let reviews = Reviews::new(world, "reviews/international");
    let since = instant(world, -30, 0);
    let visits = || {
        let pairs = shows.iter().flat_map(|show| users.iter().map(move |user| (show, user.id)));
        (0..).zip(pairs)
    };
    let going = visits().filter(|(_, (show, _))| show.status == EventStatus::Published);
    let going = going.map(|(row, (show, user))| {
        attendances.row(row, show, user, EventAttendanceStatus::Going, since)
    });
    let over = visits().filter(|(_, (show, _))| show.status == EventStatus::Completed);
    let reviewed = over.map(|(row, (show, user))| reviews.row(row, show, user));
    vec![
        Rows::of::<User>(users.iter().cloned()).filled(),
        Rows::of::<UserPreference>(preferences(world, &users)).filled(),
        Rows::of::<Venue>(venues(world)).filled(),
        Rows::of::<Event>(shows.iter().map(Show::model)).filled(),
        Rows::of::<PricingTier>(shows.iter().flat_map(Show::tiers)).filled(),
        Rows::of::<EventAttendance>(going).filled(),
        Rows::of::<Review>(reviewed).filled(),
    ]
}

fn users(world: &World) -> Vec<user::Model> {
    let (space, since) = (Space::new("users/international"), instant(world, -150, 0));
    let user = |(row, (name, full_name, ..)): (u64, Guest)| {
        let email = format!("{name}@{NAME}.example");
        account::user(space.key(row), email, full_name.to_owned(), since)
    };
    (0..).zip(GUESTS).map(user).collect()
}

fn preferences(world: &World, users: &[user::Model]) -> Vec<user_preference::Model> {
    let space = Space::new("user_preferences/international");
    let since = instant(world, -150, 0);
    let preference = |(row, (user, (.., locale, timezone))): (u64, (&user::Model, Guest))| {
        user_preference::Model {
            id: space.key(row),
            user_id: user.id,
            theme: Theme::System,
            locale: locale.to_owned(),
            timezone: timezone.to_owned(),
            notifications: json!({ "email": true, "push": false, "digest": "weekly" }),
            created_at: since,
            updated_at: since,
        }
    };
    (0..).zip(users.iter().zip(GUESTS)).map(preference).collect()
}

fn venue_key(row: u64) -> Uuid {
    Space::new("venues/international").key(row)
}

fn venues(world: &World) -> Vec<venue::Model> {
    let since = instant(world, -300, 0);
    let venue = |(row, stop): (u64, &Stop)| venue::Model {
        id: venue_key(row),
        slug: format!("{NAME}-{}", stop.slug),
        name: stop.hall.to_owned(),
        address: Some(stop.address.to_owned()),
        city: stop.city.to_owned(),
        country_code: stop.country_code.to_owned(),
        timezone: stop.timezone.to_owned(),
        latitude: Some(Decimal::new(stop.coordinates.0, 6)),
        longitude: Some(Decimal::new(stop.coordinates.1, 6)),
        capacity: 120,
        created_at: since,
        updated_at: since,
    };
    (0..).zip(&STOPS).map(venue).collect()
}

/// The first half is over, the second still to come; all begin at eight in the evening, which the
/// programme's whole hours cannot say everywhere.
fn show(world: &World, row: u64, stop: &'static Stop) -> Show {
    let (status, days) = if row < STOPS.len() as u64 / 2 {
        (EventStatus::Completed, -20)
    } else {
        (EventStatus::Published, 20)
    };
    Show {
        spaces: EventSpaces::of(NAME),
        row,
        slug: format!("{NAME}-{}", stop.slug),
        title: stop.title.to_owned(),
        description: format!("{} · {} · {}", stop.hall, stop.city, stop.timezone),
        host: Host {
            venue: venue_key(row),
            name: stop.hall.to_owned(),
            timezone: stop.timezone,
            utc_offset_hours: stop.utc_offset_minutes / 60,
            capacity: 120,
            currency: stop.currency,
            price: stop.price,
        },
        status,
        starts_at: instant(world, days, 20 * 60 - stop.utc_offset_minutes),
        hours: 8,
        capacity: 100,
        announced_at: instant(world, -90, 0),
    }
}
