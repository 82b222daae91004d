//! A receiver that cannot be told safely is refused before anything begins.

use integration_tests::{Program, Run};

use super::receiver::{SECRET, TOKEN};
use crate::seeder::{assert_failed, document};

async fn run(arguments: &str, url: &str, secret: &str) -> Run {
    let program = Program::new("backup").await.args(arguments);
    program.env("NOTIFY_URL", url).env("NOTIFY_SECRET", secret).run().await
}

#[track_caller]
fn assert_untold(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(TOKEN) && !text.contains(SECRET), "{run}");
    }
}

#[tokio::test]
async fn another_machine_is_told_over_tls_or_not_at_all() {
    let url = format!("http://hooks.example/{TOKEN}");
    for command in ["create", "list", "config"] {
        let refused = run(command, &url, SECRET).await;
        assert_failed(&refused, 2, "NOTIFY_URL (from environment) is unusable");
        assert!(refused.stderr.contains("it would be sent to `hooks.example` without TLS"));
        assert_untold(&refused);
        let refused = run(&format!("{command} --format json"), &url, SECRET).await;
        assert_eq!(document(&refused)["class"], "settings.notify", "{refused}");
        assert_untold(&refused);
    }
}

#[tokio::test]
async fn an_address_or_a_secret_that_is_none_is_a_usage_error() {
    let token = format!("/{TOKEN}");
    for (url, secret, said) in [
        ("hooks.example", SECRET, "it is no URL"),
        (token.as_str(), SECRET, "it is no URL"),
        ("ftp://hooks.example", SECRET, "its scheme is `ftp`, and not https"),
        ("https://hooks.example", "", "is set, and NOTIFY_SECRET is not"),
        ("https://hooks.example", "short", "the secret has 5 bytes, and needs 16"),
        ("https://hooks.example", "whsec_%", "the secret is not in base64"),
    ] {
        let refused = run("list", url, secret).await;
        assert_failed(&refused, 2, said);
        assert_untold(&refused);
    }
}

#[tokio::test]
async fn what_is_set_is_shown_without_token_and_secret() {
    let url = format!("https://me:{TOKEN}@hooks.example/{TOKEN}?key={TOKEN}");
    for arguments in ["config", "config --format json", "list -v"] {
        let shown = run(arguments, &url, SECRET).await;
        assert_eq!(shown.code, 0, "{shown}");
        assert_untold(&shown);
        assert!(
            (shown.stdout.clone() + &shown.stderr).contains("https://hooks.example"),
            "{shown}"
        );
    }
}
