//! A password is nowhere in what the command prints, whatever goes wrong.

use integration_tests::{Program, Run};

const URL: &str = "postgres://someone:secret@127.0.0.1:1/shop";

const COMMANDS: [&str; 11] = [
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
];

#[track_caller]
fn assert_silent(run: &Run, what: &str) {
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains("secret"), "{what}: {run}");
    }
}

#[tokio::test]
async fn no_help_shows_the_value_of_a_variable() {
    for command in COMMANDS.iter().chain(&[""]) {
        for help in ["--help", "-h"] {
            let program = Program::new("migration").await.env("DATABASE_URL", URL);
            let run = program.args(command).arg(help).run().await;
            assert_eq!(run.code, 0, "{command}: {run}");
            assert!(run.stdout.contains("Usage"), "{command}: {run}");
            assert_silent(&run, command);
        }
    }
}

#[tokio::test]
async fn no_failure_shows_the_password() {
    for command in ["up", "down", "status", "fresh --yes", "refresh --yes", "reset --yes"] {
        for verbosity in ["", "-v", "-vv", "--format json", "--env prodution"] {
            let program = Program::new("migration").await.env("DATABASE_URL", URL);
            let run = program.args(command).args(verbosity).run().await;
            assert!([1, 2].contains(&run.code), "{command} {verbosity}: {run}");
            assert_silent(&run, &format!("{command} {verbosity}"));
        }
    }
}

#[tokio::test]
async fn no_unusable_url_is_quoted() {
    for url in [
        "postgres://someone:secret@127.0.0.1:notaport/shop",
        "postgres://someone:secret@127.0.0.1:1",
        "mysql://someone:secret@127.0.0.1/shop",
        "postgres://someone:secret@127.0.0.1:1/shop?sslmode=sometimes",
        "postgres://127.0.0.1:1/shop?user=someone&password=secret",
        "someone:secret@127.0.0.1/shop",
    ] {
        for variable in ["DATABASE_URL", "DIRECT_URL"] {
            for arguments in ["up", "up --format json", "config", "config --format json"] {
                let program = Program::new("migration").await.env(variable, url);
                let run = program.args(arguments).run().await;
                assert_silent(&run, &format!("{variable}={url} {arguments}"));
            }
        }
        let program = Program::new("migration").await.args("up --database-url").arg(url);
        assert_silent(&program.run().await, url);
    }
}

#[tokio::test]
async fn an_argument_in_the_wrong_place_is_quoted_without_its_password() {
    for arguments in
        [vec![URL], vec!["up", URL], vec!["up", "--lock-wait", URL], vec!["--url", URL]]
    {
        let mut program = Program::new("migration").await;
        for argument in &arguments {
            program = program.arg(argument);
        }
        let run = program.run().await;
        assert_eq!(run.code, 2, "{arguments:?}: {run}");
        assert_silent(&run, &format!("{arguments:?}"));
    }
}

#[tokio::test]
async fn the_settings_hide_passwords() {
    let variables = [
        ("DATABASE_URL", URL),
        ("DIRECT_URL", URL),
        ("TEST_DATABASE_URL", URL),
        ("SEED_PERSONA_PASSWORD", "secret"),
        ("SEED_SYSTEM_PASSWORD", "secret"),
        ("PG_RELEASES_URL", "https://someone:secret@mirror.example/list"),
    ];
    for arguments in ["config", "config --format json", "completions bash -v"] {
        let mut program = Program::new("migration").await.args(arguments);
        for (name, value) in variables {
            program = program.env(name, value);
        }
        let run = program.run().await;
        assert_eq!(run.code, 0, "{run}");
        assert_silent(&run, arguments);
    }
}
