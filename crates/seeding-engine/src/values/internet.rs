//! E-mail addresses, URLs, IP addresses and user agents.

use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::{
    Locale,
    person::{Name, name, plain},
    text,
};
use crate::draw::{Draw, distribution::Weighted};

/// Domains for addresses: RFC 2606 promises that nobody has them.
pub const MAIL_DOMAINS: [&str; 4] =
    ["mail.example", "post.example", "letters.example", "inbox.example"];

const USER_AGENTS: Weighted<&str, 5> = Weighted::new([
    (
        38,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    ),
    (
        26,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    ),
    (
        20,
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    ),
    (
        10,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    ),
    (6, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
]);

/// The address of `name` at `domain`. Names repeat; `tag` tells one owner from another.
pub fn email_of(name: &Name, tag: &str, domain: &str) -> String {
    let mut address = plain(name.given);
    for part in [&plain(name.family), tag] {
        address.push('.');
        address.push_str(part);
    }
    address.push('@');
    address.push_str(domain);
    address
}

/// The address of somebody.
pub fn email(draw: &mut Draw, locale: Locale) -> String {
    let name = name(draw, locale);
    let tag = draw.below(1_000).to_string();
    email_of(&name, &tag, draw.pick(&MAIL_DOMAINS))
}

/// What somebody is called on a site, such as `mia.becker47`.
pub fn user_name(draw: &mut Draw, locale: Locale) -> String {
    let name = name(draw, locale);
    format!("{}.{}{}", plain(name.given), plain(name.family), draw.below(100))
}

/// A page on a site that nobody has.
pub fn url(draw: &mut Draw) -> String {
    format!("https://{}.example/{}", text::slug(draw), draw.below(10_000))
}

/// An IP address of the documentation networks (RFC 5737, RFC 3849), one in five of version 6.
pub fn ip(draw: &mut Draw) -> IpAddr {
    if draw.chance(20) {
        let host = u16::try_from(draw.below(1 << 16)).unwrap_or_default();
        let network = u16::try_from(draw.below(1 << 16)).unwrap_or_default();
        return Ipv6Addr::new(0x2001, 0xdb8, network, 0, 0, 0, 0, host).into();
    }
    let host = u8::try_from(draw.between(1, 254)).unwrap_or(1);
    let [a, b, c] = draw.pick(&[[192, 0, 2], [198, 51, 100], [203, 0, 113]]);
    Ipv4Addr::new(a, b, c, host).into()
}

/// What a browser calls itself.
pub fn user_agent(draw: &mut Draw) -> &'static str {
    USER_AGENTS.pick(draw)
}

/// `digits` hexadecimal digits, such as a hash that is the hash of nothing that is known.
pub fn hexadecimal(draw: &mut Draw, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    while text.len() < digits {
        // Writing to a string cannot fail.
        let _ = write!(text, "{:016x}", draw.word());
    }
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stream, values::safe};

    fn draws() -> impl Iterator<Item = Draw> {
        let stream = Stream::new(1, "t", "internet");
        (0..2_000).map(move |row| stream.at(row))
    }

    #[test]
    fn nothing_reaches_anybody() {
        for (mut draw, locale) in draws().zip(Locale::ALL.into_iter().cycle()) {
            assert_eq!(safe::check_email(&email(&mut draw, locale)), Ok(()));
            assert_eq!(safe::check_url(&url(&mut draw)), Ok(()));
            assert_eq!(safe::check_ip(ip(&mut draw)), Ok(()));
        }
    }

    #[test]
    fn an_address_is_plain_and_has_its_tag() {
        let name = Name { given: "Zoë", family: "D'Angelo" };
        assert_eq!(email_of(&name, "s12", "school.example"), "zoe.dangelo.s12@school.example");
    }

    #[test]
    fn a_hash_has_the_length_that_was_asked_for() {
        for digits in [0, 1, 16, 40, 64] {
            let hash = hexadecimal(&mut Draw::new(1, "t", "hash", 0), digits);
            assert_eq!(hash.len(), digits);
            assert!(hash.chars().all(|digit| digit.is_ascii_hexdigit()));
        }
    }
}
