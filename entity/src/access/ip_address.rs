//! An address of a single host, stored as `inet`.
//!
//! PostgreSQL writes an `inet` that was cast to text with its mask, `203.0.113.7/32`; a host has no use for the mask,
//! so it is checked and left behind here.

use std::fmt::{self, Display, Formatter};
use std::net::{AddrParseError, IpAddr};
use std::str::FromStr;

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The address of one host, IPv4 or IPv6.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    DeriveValueType,
    Serialize,
    Deserialize,
)]
#[sea_orm(value_type = "String")]
#[serde(transparent)]
pub struct IpAddress(pub IpAddr);

impl Display for IpAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for IpAddress {
    type Err = AddrParseError;

    /// Reads an address, with or without the mask of a single host; any other mask is an error.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let masked = |mask, is_family: fn(&IpAddr) -> bool| {
            text.strip_suffix(mask).and_then(|host| host.parse().ok()).filter(is_family)
        };
        match masked("/32", IpAddr::is_ipv4).or_else(|| masked("/128", IpAddr::is_ipv6)) {
            Some(address) => Ok(Self(address)),
            None => text.parse().map(Self),
        }
    }
}

impl From<IpAddr> for IpAddress {
    fn from(address: IpAddr) -> Self {
        Self(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_a_host_is_left_behind() {
        for (text, host) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("2001:db8::7/128", "2001:db8::7"),
        ] {
            assert_eq!(text.parse::<IpAddress>().map(|ip| ip.to_string()), Ok(host.to_owned()));
        }
    }

    #[test]
    fn a_network_is_no_host() {
        for network in ["203.0.113.0/24", "2001:db8::/32", "203.0.113.7/128", "host.example"] {
            assert!(network.parse::<IpAddress>().is_err(), "{network}");
        }
    }
}
