//! The `seeder` command.

mod cli;

use std::process::ExitCode;

use terminal::Tool;

fn main() -> ExitCode {
    let tool = Tool { name: "seeder", version: env!("CARGO_PKG_VERSION") };
    terminal::run(tool, cli::run)
}
