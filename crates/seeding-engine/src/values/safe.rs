//! Whether a value could reach a real person.
//!
//! A generated row ends up in a system that sends mail, calls numbers and follows links. These
//! checks let through what is reserved, and nothing else that has the form of an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Topic, by_name, phone};

/// A value that could reach somebody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reachable {
    /// An e-mail address outside of the reserved domains.
    #[error("the e-mail address `{0}` could be somebody's")]
    Email(String),
    /// A phone number outside of the reserved ranges.
    #[error("the phone number `{0}` could be somebody's")]
    Phone(String),
    /// A URL whose host is neither reserved nor private.
    #[error("the URL `{0}` could lead somewhere")]
    Url(String),
    /// An IP address that is neither for documentation nor private.
    #[error("the IP address `{0}` could be somebody's")]
    Ip(IpAddr),
}

/// The domains of RFC 2606 and RFC 6761 that nobody can have, at the top and below it.
const TOP_LEVEL: [&str; 4] = ["example", "test", "invalid", "localhost"];
const SECOND_LEVEL: [&str; 3] = ["example.com", "example.net", "example.org"];

/// Area codes of the United States that are free of charge; of their 555-01xx most are assigned.
const TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

/// Checks what is in `column` of `table` by the column's name, and as a text.
pub fn check_value(table: &str, column: &str, value: &str) -> Result<(), Reachable> {
    match by_name(table, column) {
        Some(Topic::Email) => check_email(value)?,
        Some(Topic::Phone) => check_phone(value)?,
        Some(Topic::Url) => check_url(value)?,
        Some(Topic::Ip) => {
            let address = value.split('/').next().unwrap_or(value);
            address.parse().map_or(Ok(()), check_ip)?;
        }
        _ => {}
    }
    check_text(value)
}

/// Checks an e-mail address. What has no `@` is none.
pub fn check_email(value: &str) -> Result<(), Reachable> {
    match value.rsplit_once('@') {
        Some((_, domain)) if !is_reserved(domain) => Err(Reachable::Email(value.to_owned())),
        _ => Ok(()),
    }
}

/// Checks a URL; one without a host, such as a path, leads nowhere.
pub fn check_url(value: &str) -> Result<(), Reachable> {
    if let Some(address) = value.strip_prefix("mailto:") {
        return check_email(address.split('?').next().unwrap_or(address));
    }
    if let Some(number) = value.strip_prefix("tel:") {
        return check_phone(number);
    }
    match host(value) {
        Some(host) if !is_reserved(host) => Err(Reachable::Url(value.to_owned())),
        _ => Ok(()),
    }
}

/// Checks an IP address: documentation (RFC 5737, 3849, 9637), private, link-local and loopback
/// addresses are nobody's.
pub fn check_ip(address: IpAddr) -> Result<(), Reachable> {
    let is_nobodys = match address {
        IpAddr::V4(address) => is_nobodys_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_nobodys_v4(address),
            None => is_nobodys_v6(address),
        },
    };
    if is_nobodys { Ok(()) } else { Err(Reachable::Ip(address)) }
}

/// Checks a phone number, written in any way; what has no digit is none. A number without a country
/// is reserved if it is so in one of the countries of [`phone`].
pub fn check_phone(value: &str) -> Result<(), Reachable> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let readings: Vec<String> = if value.trim_start().starts_with('+') {
        vec![format!("+{digits}")]
    } else if let Some(international) = digits.strip_prefix("00") {
        vec![format!("+{international}")]
    } else if let Some(national) = digits.strip_prefix('0') {
        ["+44", "+49", "+33"].map(|country| format!("{country}{national}")).into()
    } else if digits.len() == 7 {
        vec![format!("+1202{digits}")]
    } else {
        vec![format!("+1{digits}"), format!("+{digits}")]
    };
    if digits.is_empty() || readings.iter().any(|number| is_reserved_number(number)) {
        Ok(())
    } else {
        Err(Reachable::Phone(value.to_owned()))
    }
}

/// Checks every e-mail address and URL in a text.
pub fn check_text(text: &str) -> Result<(), Reachable> {
    let is_between = |c: char| c.is_whitespace() || "\"'`<>(),;{}|\\".contains(c);
    for word in text.split(is_between).map(|word| word.trim_end_matches(['.', '!', '?', ':'])) {
        if word.contains("://") {
            check_url(word)?;
        } else if let Some((name, domain)) = word.rsplit_once('@')
            && !name.is_empty()
            && domain.contains('.')
        {
            check_email(word)?;
        }
    }
    Ok(())
}

fn host(url: &str) -> Option<&str> {
    let from_host = match url.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => rest,
        _ if url.starts_with("www.") => url,
        _ => return None,
    };
    let authority = from_host.split(['/', '?', '#', '\\']).next()?;
    let host_and_port = authority.rsplit('@').next()?;
    let host = match host_and_port.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => host_and_port.split(':').next()?,
    };
    // `file:///tmp` has no host.
    (!host.is_empty()).then_some(host)
}

fn is_reserved(domain: &str) -> bool {
    let domain = domain.trim_start_matches('[').trim_end_matches([']', '.']).to_ascii_lowercase();
    if let Ok(address) = domain.parse() {
        return check_ip(address).is_ok();
    }
    let is_below = |parent: &str| {
        domain.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    TOP_LEVEL.into_iter().chain(SECOND_LEVEL).any(is_below)
}

fn is_nobodys_v4(address: Ipv4Addr) -> bool {
    address.is_documentation()
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
}

fn is_nobodys_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_documentation =
        (first, second) == (0x2001, 0xdb8) || (first == 0x3fff && second < 0x1000);
    is_documentation
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_loopback()
        || address.is_unspecified()
}

fn is_reserved_number(number: &str) -> bool {
    let follows = |range: &phone::Range| {
        let rest = number.strip_prefix(range.prefix);
        rest.is_some_and(|rest| u32::try_from(rest.len()) == Ok(range.digits))
    };
    phone::RANGES.iter().any(follows) || is_reserved_in_the_united_states(number)
}

/// +1, an area code, 555-01, two digits.
fn is_reserved_in_the_united_states(number: &str) -> bool {
    let Some((area, line)) = number.strip_prefix("+1").and_then(|rest| rest.split_at_checked(3))
    else {
        return false;
    };
    !area.starts_with(['0', '1'])
        && !TOLL_FREE.contains(&area)
        && line.len() == 7
        && line.starts_with("55501")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reserved_domains_get_mail() {
        for safe in [
            "a@mail.example",
            "a@EXAMPLE.com",
            "a@sub.example.org",
            "a@app.test",
            "a@example.net.",
            "a@localhost",
            "\"a@gmail.com\"@b.invalid",
            "no address",
        ] {
            assert_eq!(check_email(safe), Ok(()), "{safe}");
        }
        for unsafe_one in [
            "a@gmail.com",
            "a@myexample.com",
            "a@example.com.de",
            "a@example.co",
            "a@8.8.8.8",
            "a@",
        ] {
            assert!(check_email(unsafe_one).is_err(), "{unsafe_one}");
        }
    }

    #[test]
    fn only_reserved_hosts_are_linked() {
        for safe in [
            "https://shop.example/a?b=c@d.com",
            "http://user:secret@example.org:8080/",
            "https://[2001:db8::1]/x",
            "http://192.0.2.7/x",
            "//cdn.test/x.png",
            "/uploads/portrait.png",
            "portrait.png",
            "file:///srv/data",
            "mailto:a@b.example?subject=x",
            "tel:+447700900123",
            "data:text/plain,hello",
        ] {
            assert_eq!(check_url(safe), Ok(()), "{safe}");
        }
        for unsafe_one in [
            "https://example.com@evil.com/",
            "https://evil.com\\@example.com",
            "http://8.8.8.8/",
            "www.wikipedia.org",
            "//cdn.net/x",
            "https://evil.com#.example",
            "mailto:a@gmail.com",
            "tel:+4915112345678",
        ] {
            assert!(check_url(unsafe_one).is_err(), "{unsafe_one}");
        }
    }

    #[test]
    fn only_reserved_numbers_are_called() {
        for safe in [
            "+1 202-555-0123",
            "(212) 555-0199",
            "1-312-555-0100",
            "555-0142",
            "07700 900 461",
            "0044 7700 900461",
            "030 23125-007",
            "+33 1 99 00 12 34",
            "",
            "none",
        ] {
            assert_eq!(check_phone(safe), Ok(()), "{safe}");
        }
        for unsafe_one in [
            "+1 202-555-0223",
            "+1 800 555 0123",
            "555-1212",
            "+44 7700 901461",
            "+44 7700 9001234",
            "030 2312500",
            "112",
            "+33 6 12 34 56 78",
        ] {
            assert!(check_phone(unsafe_one).is_err(), "{unsafe_one}");
        }
    }

    #[test]
    fn only_nobodys_ip_addresses_pass() {
        for safe in ["192.0.2.1", "198.51.100.255", "203.0.113.0", "10.1.2.3", "::1", "3fff::1"] {
            assert_eq!(check_ip(safe.parse().unwrap()), Ok(()), "{safe}");
        }
        for unsafe_one in ["8.8.8.8", "192.0.3.1", "2001:db9::1", "::ffff:1.1.1.1", "2600::"] {
            assert!(check_ip(unsafe_one.parse().unwrap()).is_err(), "{unsafe_one}");
        }
    }

    #[test]
    fn a_text_is_searched() {
        assert!(check_text("write to jane@gmail.com, please").is_err());
        assert!(check_text(r#"{"site":"https://wikipedia.org/wiki"}"#).is_err());
        assert!(check_text("see https://video.example/@jane or jane@mail.example. 5@once").is_ok());
    }

    #[test]
    fn a_column_is_checked_by_its_name() {
        assert!(check_value("users", "mobile_phone", "0151 23456789").is_err());
        assert!(check_value("users", "note", "0151 23456789").is_ok());
        assert!(check_value("sessions", "ip", "8.8.8.8/32").is_err());
        assert!(check_value("sessions", "ip", "192.0.2.8/32").is_ok());
        assert!(check_value("users", "contact_email", "jane@gmail.com").is_err());
        assert!(check_value("users", "website", "www.wikipedia.org").is_err());
    }
}
