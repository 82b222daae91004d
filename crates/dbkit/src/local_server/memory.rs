//! What the workspace remembers of its server between two commands: where it lives, and its port.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    files::{self, FileError, Owner},
    site::{Place, control},
};

/// The version of the file's shape.
const VERSION: u32 = 1;

/// What is remembered. There is no password in it, since there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Memory {
    pub(super) place: Place,
    pub(super) port: u16,
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    #[serde(flatten)]
    memory: Memory,
}

/// Where it is written down.
pub(super) fn path(workspace: &Path) -> PathBuf {
    control(workspace).join("local-server.json")
}

/// Reads what is remembered.
///
/// A file that cannot be understood is as good as none: everything in it can be found out again.
pub(super) fn read(workspace: &Path) -> Result<Option<Memory>, FileError> {
    Ok(files::read(&path(workspace))?.and_then(|text| parse(&text)))
}

/// Replaces what is remembered.
pub(super) fn write(
    workspace: &Path,
    memory: Memory,
    owner: Option<Owner>,
) -> Result<(), FileError> {
    files::write(&path(workspace), &render(memory), owner)
}

fn parse(text: &str) -> Option<Memory> {
    let document: Document = serde_json::from_str(text).ok()?;
    (document.version == VERSION).then_some(document.memory)
}

fn render(memory: Memory) -> String {
    let document = Document { version: VERSION, memory };
    serde_json::to_string_pretty(&document).expect("a place and a number are JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let workspace = tempfile::tempdir().unwrap();
        files::create_folder(&control(workspace.path()), 0o755, None).unwrap();
        assert_eq!(read(workspace.path()).unwrap(), None);
        let memory = Memory { place: Place::StateDirectory, port: 54_321 };
        write(workspace.path(), memory, None).unwrap();
        assert_eq!(read(workspace.path()).unwrap(), Some(memory));
    }

    #[test]
    fn the_shape_stays_as_it_is() {
        let memory = Memory { place: Place::Workspace, port: 5433 };
        assert_eq!(
            render(memory),
            "{\n  \"version\": 1,\n  \"place\": \"workspace\",\n  \"port\": 5433\n}\n"
        );
    }

    #[test]
    fn what_cannot_be_understood_is_found_out_again() {
        for text in ["", "{", r#"{"version": 2, "place": "workspace", "port": 5433}"#] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
