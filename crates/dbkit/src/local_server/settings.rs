//! The settings with which the server runs, as the text of a file that `postgresql.conf` includes.
//!
//! A file and not `pg_ctl -o`: that text passes through a shell, and workspaces have spaces and
//! quotes in their paths.

use std::path::Path;

use super::{Durability, Options};

/// The file's name, beside `postgresql.conf`.
pub(super) const FILE: &str = "seaworthy.conf";

/// The line of `postgresql.conf` that includes it.
pub(super) const INCLUDE: &str = "\ninclude 'seaworthy.conf'\n";

const THROWAWAY: [(&str, &str); 3] =
    [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")];

/// The text of the file; it is written anew on every start.
pub(super) fn render(port: u16, socket_folder: &Path, options: &Options) -> String {
    // A list of folders is split at commas unless each is in double quotes.
    let folder = socket_folder.to_string_lossy().replace('"', "\"\"");
    let port = port.to_string();
    let folder = format!("\"{folder}\"");
    let own = [
        ("listen_addresses", "127.0.0.1"),
        ("port", &port),
        ("unix_socket_directories", &folder),
        ("unix_socket_permissions", "0700"),
    ];
    let durability: &[_] = match options.durability {
        Durability::Full => &[],
        Durability::Throwaway => &THROWAWAY,
    };
    let further = options.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all = own.into_iter().chain(durability.iter().copied()).chain(further);
    let lines = all.map(|(name, value)| format!("{name} = {}\n", quoted(value)));
    "# Written on every start; put what you want to keep into postgresql.conf.\n".to_owned()
        + &lines.collect::<String>()
}

/// A value in the quotes of `postgresql.conf`, within which a backslash means something.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', "''").replace('\n', r"\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_developers_data_survives_a_crash() {
        let text = render(5433, Path::new("/s"), &Options::default());
        assert!(!text.contains("fsync"), "{text}");
        assert!(text.contains("listen_addresses = '127.0.0.1'\nport = '5433'\n"), "{text}");
    }

    #[test]
    fn a_tests_data_does_not_and_later_settings_win() {
        let options = Options {
            durability: Durability::Throwaway,
            settings: vec![("max_connections".to_owned(), "200".to_owned())],
            ..Options::default()
        };
        let text = render(5433, Path::new("/s"), &options);
        assert!(text.contains("fsync = 'off'\n"), "{text}");
        assert!(text.ends_with("max_connections = '200'\n"), "{text}");
    }

    #[test]
    fn a_hostile_path_stays_one_value() {
        let text = render(1, Path::new("/it's, a \"dir\"\\\nport = 2"), &Options::default());
        assert!(
            text.contains(r#"unix_socket_directories = '"/it''s, a ""dir""\\\nport = 2"'"#),
            "{text}"
        );
        assert_eq!(text.matches("\nport").count(), 1, "{text}");
    }
}
