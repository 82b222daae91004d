//! A version of PostgreSQL, as one comparable number.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A version of PostgreSQL, of a server or of a client program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServerVersion {
    /// What `SHOW server_version_num` says: 150018 is 15.18.
    pub num: u32,
}

impl ServerVersion {
    /// The oldest major version that these tools support.
    ///
    /// It is the oldest that PostgreSQL itself supported when they were written.
    pub const MINIMUM_MAJOR: u32 = 14;

    /// The version that `server_version_num` stands for, in the type that SQL has for it.
    pub const fn from_num(num: i32) -> Self {
        Self { num: num.unsigned_abs() }
    }

    /// The major version, such as 15.
    pub const fn major(self) -> u32 {
        self.num / 10_000
    }

    /// Whether these tools support it.
    pub const fn is_supported(self) -> bool {
        self.major() >= Self::MINIMUM_MAJOR
    }

    /// Reads what a program prints for `--version`, such as `pg_dump (PostgreSQL) 15.18 (Debian)`.
    ///
    /// A pre-release (`19beta1`, `19devel`) counts as the first release of its major version.
    pub fn from_program(output: &str) -> Option<Self> {
        let version = output.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
        let numbers: Option<Vec<_>> = version.split('.').map(leading_number).collect();
        let num = match numbers?[..] {
            [major] => major * 10_000,
            [major, minor] => major * 10_000 + minor,
            // Before version 10 the second part belonged to the major version: 9.6.24 is 90624.
            [first, second, minor] => first * 10_000 + second * 100 + minor,
            _ => return None,
        };
        Some(Self { num })
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.major() < 10 {
            return write!(f, "{}.{}.{}", self.major(), self.num / 100 % 100, self.num % 100);
        }
        write!(f, "{}.{}", self.major(), self.num % 10_000)
    }
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(output: &str) -> Option<String> {
        ServerVersion::from_program(output).map(|version| version.to_string())
    }

    #[test]
    fn what_a_program_prints_is_read() {
        for (output, version) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", "15.18"),
            ("pg_dump (PostgreSQL) 14.0\n", "14.0"),
            ("postgres (PostgreSQL) 9.6.24", "9.6.24"),
            ("postgres (PostgreSQL) 19beta1\n", "19.0"),
            ("postgres (PostgreSQL) 19devel", "19.0"),
            ("pg_dump (PostgreSQL) 16.4 (Homebrew)", "16.4"),
        ] {
            assert_eq!(read(output).as_deref(), Some(version), "{output}");
        }
    }

    #[test]
    fn anything_else_is_no_version() {
        for output in
            ["", "postgres", "mysql  Ver 8.0.36", "postgres (PostgreSQL) ", "(PostgreSQL) x"]
        {
            assert_eq!(read(output), None, "{output}");
        }
    }

    #[test]
    fn a_server_number_is_shown_as_people_say_it() {
        assert_eq!(ServerVersion { num: 150_018 }.to_string(), "15.18");
        assert_eq!(ServerVersion { num: 90_624 }.to_string(), "9.6.24");
        assert_eq!(ServerVersion { num: 150_018 }.major(), 15);
    }

    #[test]
    fn thirteen_is_too_old() {
        assert!(!ServerVersion { num: 130_020 }.is_supported());
        assert!(ServerVersion { num: 140_000 }.is_supported());
    }
}
