//! From `main` to an exit code: parse, settle the settings, run, show what failed.

use std::{io::Write as _, pin::pin, process::ExitCode};

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    answer::{Answer as _, print_failure},
    common::Config,
    context::{Context, Tool},
    exit::Exit,
    failure::Failure,
    flags::{Color, Format, SharedFlags},
    logs, notice,
    redact::redact,
    settings::Settings,
};

/// A binary's command line, which holds the shared flags.
pub trait CommandLine: Parser {
    /// The shared flags.
    fn shared(&self) -> &SharedFlags;

    /// Whether this command writes rows, and not only an answer.
    fn writes_rows(&self) -> bool {
        false
    }
}

/// Runs `command` with the arguments and the environment of this process.
pub fn run<C, F>(tool: Tool, command: F) -> ExitCode
where
    C: CommandLine,
    F: AsyncFnOnce(C, &Context) -> Result<Exit, Failure>,
{
    let arguments = match C::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return show_usage(&error),
    };
    colour(arguments.shared().color);
    let format = arguments.shared().format;
    let context = match settled(tool, &arguments) {
        Ok(context) => context,
        Err(failure) => return show_failure(&failure, format),
    };
    let result = execute(arguments, &context, command);
    let code = match &result {
        Ok(exit) => (*exit).into(),
        Err(failure) => show_failure(failure, format),
    };
    notice::give(&context, &result);
    code
}

fn show_failure(failure: &Failure, format: Format) -> ExitCode {
    print_failure(failure, format);
    failure.exit().into()
}

fn settled<C: CommandLine>(tool: Tool, arguments: &C) -> Result<Context, Failure> {
    let flags = arguments.shared();
    if flags.format.is_of_rows() && !arguments.writes_rows() {
        let message = "this command writes no rows, only an answer";
        return Err(Failure::message(Exit::Usage, "usage.format", message)
            .hint("leave `--format` out, or say `--format json`"));
    }
    let settings = Settings::resolve(flags)?;
    logs::start(flags, &settings);
    let context = Context::new(tool, flags, settings)?;
    if context.verbose && flags.format == Format::Text {
        context.console.note(&Config::of(&context.settings).text());
    }
    Ok(context)
}

fn execute<C, F>(arguments: C, context: &Context, command: F) -> Result<Exit, Failure>
where
    F: AsyncFnOnce(C, &Context) -> Result<Exit, Failure>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let mut work = pin!(command(arguments, context));
        let interrupted = tokio::select! {
            result = &mut work => return result,
            interrupted = interruption() => interrupted,
        };
        // A command that listens is given the time to clean up, until the second interruption.
        if context.stop.request() {
            context.console.note("stopping; interrupt again to stop at once");
            tokio::select! {
                result = &mut work => return result,
                _ = interruption() => {}
            }
        }
        Err(interrupted)
    });
    context.console.clear();
    result
}

/// Ends with a failure when the operator or the system asks us to stop; the command's future is
/// dropped then, which rolls back its transactions and releases its locks.
pub(crate) async fn interruption() -> Failure {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    interrupted()
}

/// What an interruption ends with.
pub(crate) fn interrupted() -> Failure {
    Failure::message(Exit::Interrupted, "interrupted", "interrupted")
        .hint("what was not committed is rolled back; run the command again")
}

fn show_usage(error: &clap::Error) -> ExitCode {
    // The parser quotes what it did not understand, and that may be a URL in the wrong place.
    let text = redact(&error.render().ansi().to_string());
    if error.use_stderr() {
        let _ = write!(anstream::stderr().lock(), "{text}");
        Exit::Usage.into()
    } else {
        let _ = write!(anstream::stdout().lock(), "{text}");
        Exit::Done.into()
    }
}

fn colour(color: Color) {
    match color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
}
