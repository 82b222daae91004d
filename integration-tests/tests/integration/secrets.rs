//! A password never gets onto the screen, whatever goes wrong and however much is asked to be said.

use dbkit::DatabaseUrl;
use integration_tests::{Behaviour, Cluster, Program, Proxy, Run, TestDatabase, sql};

const SECRET: &str = "s3cr3t-W0rd";

/// Who listens closely hears more: every way of asking a command to say more.
const WAYS: [(&str, &str); 6] = [
    ("", ""),
    ("-v", ""),
    ("-vv", ""),
    ("", "trace"),
    ("--format json", "trace"),
    ("-v --format json", "debug"),
];

const COMMANDS: [(&str, &[&str]); 3] = [
    (
        "migration",
        &[
            "",
            "up",
            "down",
            "status",
            "fresh",
            "refresh",
            "reset",
            "generate",
            "lint",
            "lock",
            "config",
            "completions",
        ],
    ),
    ("seeder", &["", "run", "plan", "status", "db", "db status", "config", "completions"]),
    ("backup", &["", "create", "list", "verify", "restore", "config", "completions"]),
];

/// A command that reads settings but has nothing to do where there is no server.
const TYPICAL: [(&str, &str); 6] = [
    ("migration", "status"),
    ("migration", "up"),
    ("seeder", "run"),
    ("seeder", "status"),
    ("backup", "create"),
    ("backup", "restore --to new"),
];

#[track_caller]
fn assert_silent(run: &Run, what: &str) {
    for stream in [&run.stdout, &run.stderr] {
        assert!(!stream.contains(SECRET), "{what} tells the password:\n{run}");
        // Percent-encoded, or in the debug form of bytes, it is just as readable.
        assert!(!stream.contains("s3cr3t"), "{what} tells part of the password:\n{run}");
    }
}

/// Runs `name` in every way of [`WAYS`], and returns how it ended.
async fn in_every_way(name: &'static str, arguments: &str, variables: &[(&str, &str)]) -> Vec<i32> {
    let mut codes = Vec::new();
    for (flags, log) in WAYS {
        let mut program = Program::new(name).await.args(arguments).args(flags);
        for (variable, value) in variables {
            program = program.env(variable, value);
        }
        if !log.is_empty() {
            program = program.env("RUST_LOG", log);
        }
        let run = program.run().await;
        assert_silent(&run, &format!("{name} {arguments} {flags} (RUST_LOG={log})"));
        assert!(!run.stdout.is_empty() || !run.stderr.is_empty(), "{name} {arguments}: silence");
        codes.push(run.code);
    }
    codes
}

/// URLs that are of no use, with the secret in every place that a password can have.
fn unusable() -> Vec<String> {
    vec![
        format!("postgres://user:{SECRET}@127.0.0.1:99999/db"),
        format!("postgres://user:{SECRET}@127.0.0.1:1"),
        format!("mysql://user:{SECRET}@127.0.0.1/db"),
        format!("user:{SECRET}@127.0.0.1/db"),
        format!("postgres://user:{SECRET}@[::1/db"),
        format!("postgres://user@127.0.0.1:1/db?sslmode=never&password={SECRET}"),
        format!("postgres://user:%zz{SECRET}@127.0.0.1:1/db"),
        format!("postgres://user:{SECRET}/more@127.0.0.1:1/db"),
        format!("host=127.0.0.1 user=user password={SECRET}"),
    ]
}

#[tokio::test]
async fn no_help_shows_a_value_of_the_environment() {
    let url = format!("postgres://user:{SECRET}@127.0.0.1:1/db?password={SECRET}");
    for (name, commands) in COMMANDS {
        for command in commands {
            let program = Program::new(name).await.args(command).arg("--help");
            let run = program.env("DATABASE_URL", &url).env("DIRECT_URL", &url).run().await;
            assert_silent(&run, &format!("{name} {command} --help"));
            assert_eq!(run.code, 0, "{run}");
            assert!(run.stdout.contains("Usage: "), "{run}");
        }
    }
}

#[tokio::test]
async fn config_shows_where_the_url_is_from_without_its_password() {
    let url =
        format!("postgres://user:{SECRET}@127.0.0.1:1/db?sslpassword={SECRET}&password={SECRET}");
    for (name, _) in COMMANDS {
        let secrets = [
            ("DATABASE_URL", url.as_str()),
            ("DIRECT_URL", &url),
            ("TEST_DATABASE_URL", &url),
            ("SEED_SYSTEM_PASSWORD", SECRET),
            ("SEED_PERSONA_PASSWORD", SECRET),
            ("PGPASSWORD", SECRET),
        ];
        assert_eq!(in_every_way(name, "config", &secrets).await, [0; WAYS.len()]);
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_learns_and_tells_no_password() {
    let test = TestDatabase::empty().await;
    let closed = Proxy::closed(test.url(), Behaviour::Stall);
    let port = closed.url().port();
    let url = format!("postgres://user:{SECRET}@127.0.0.1:{port}/db?password={SECRET}");
    for (name, command) in TYPICAL {
        // A restore looks for its backup first, and there is none.
        for variable in ["DATABASE_URL", "DIRECT_URL"] {
            let codes = in_every_way(name, command, &[(variable, &url)]).await;
            assert_eq!(codes, [1; WAYS.len()], "{name} {command}");
        }
        let codes = in_every_way(name, &format!("{command} -u {url}"), &[]).await;
        assert_eq!(codes, [1; WAYS.len()], "{name} {command} -u");
    }
}

#[tokio::test]
async fn a_parameter_that_the_driver_does_not_know_is_not_logged_with_its_value() {
    let test = TestDatabase::empty().await;
    let closed = Proxy::closed(test.url(), Behaviour::Stall);
    let port = closed.url().port();
    let url = format!("postgres://user@127.0.0.1:{port}/db?sslpassword={SECRET}");
    for (name, command) in TYPICAL {
        let codes = in_every_way(name, command, &[("DATABASE_URL", &url)]).await;
        assert_eq!(codes, [1; WAYS.len()], "{name} {command}");
    }
}

#[tokio::test]
async fn a_url_that_lacks_a_slash_is_refused_and_not_shown() {
    let one = format!("postgres:/user:{SECRET}@127.0.0.1/db");
    let none = format!("postgres:user:{SECRET}@127.0.0.1/db");
    for (name, command) in [("migration", "status"), ("seeder", "plan"), ("backup", "create")] {
        for url in [&one, &none] {
            let codes = in_every_way(name, command, &[("DATABASE_URL", url)]).await;
            assert_eq!(codes, [2; WAYS.len()], "{name} {command}");
            assert_eq!(in_every_way(name, "config", &[("DATABASE_URL", url)]).await, [0; 6]);
        }
    }
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_not_quoted() {
    for url in unusable() {
        for (name, command) in [("migration", "status"), ("seeder", "plan"), ("backup", "create")] {
            let program = Program::new(name).await.args(command).args("-vv");
            let by_flag = program.arg("-u").arg(&url).env("RUST_LOG", "trace").run().await;
            assert_silent(&by_flag, &format!("{name} {command} -u"));
            let program = Program::new(name).await.args(command).args("--format json");
            let by_variable = program.env("DATABASE_URL", &url).run().await;
            assert_silent(&by_variable, &format!("{name} {command}"));
            for run in [by_flag, by_variable] {
                assert!([1, 2].contains(&run.code), "{url}: {run}");
            }
        }
    }
}

#[tokio::test]
async fn a_url_in_the_wrong_place_is_not_quoted_back() {
    let url = format!("postgres://user:{SECRET}@127.0.0.1:1/db?password={SECRET}");
    for (name, _) in COMMANDS {
        for before in ["", "status ", "--format ", "--env ", "--nonsense=", "completions "] {
            let arguments = format!("{before}{url}");
            let codes = in_every_way(name, &arguments, &[]).await;
            assert_eq!(codes, [2; WAYS.len()], "{name} {before}");
        }
        let codes = in_every_way(name, "config --env nonsense", &[("DATABASE_URL", &url)]).await;
        assert_eq!(codes, [2; WAYS.len()], "{name}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_not_repeated_by_any_layer() {
    let mut cluster = Cluster::start().await;
    let ask = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    cluster.restart(&[], |cluster| cluster.write("pg_hba.conf", ask)).await;
    let superuser = sql::pool(cluster.superuser()).await;
    sql::run(&superuser, "ALTER ROLE app PASSWORD 'another'").await;
    let url: DatabaseUrl = cluster.tcp(&format!("app:{SECRET}"), "127.0.0.1", "");
    for (name, command) in TYPICAL.into_iter().take(5) {
        let codes = in_every_way(name, command, &[("DATABASE_URL", url.expose())]).await;
        assert_eq!(codes, [1; WAYS.len()], "{name} {command}");
    }
    sql::run(&superuser, &format!("ALTER ROLE app PASSWORD '{SECRET}'")).await;
    for (name, command) in [("migration", "up"), ("seeder", "run"), ("backup", "create")] {
        let program = Program::new(name).await.args(command).args("-vv").env("RUST_LOG", "trace");
        let run = program.env("DATABASE_URL", url.expose()).run().await;
        assert_eq!(run.code, 0, "{run}");
        assert_silent(&run, &format!("{name} {command}"));
    }
}
