//! A store that does not let us, or is not there: what is said, and that nothing secret is.

use integration_tests::Run;

use super::{
    Place,
    server::{Fault, SECRET},
};
use crate::seeder::assert_failed;

const DELETE: &[&str] = &["DELETE "];

#[track_caller]
fn assert_refused(run: &Run, said: &str) {
    assert_failed(run, 1, said);
    assert!(!format!("{run:?}").contains(SECRET), "{run}");
    assert!(run.stderr.contains("s3://"), "the store is named: {run}");
}

#[tokio::test]
async fn what_is_locked_is_retained_and_stays_whole() {
    let place = Place::small_with_objects().await;
    for _ in 0..2 {
        place.answers(0, "create").await;
    }
    // Not even the manifest goes, or the manifest alone does.
    for texts in [DELETE, &["DELETE ", "dump."]] {
        place.server().trap(texts, Fault::Denied, 1);
        let pruned = place.run("prune --keep 1 --yes").await;
        assert_eq!(pruned.code, 3, "{pruned}");
        assert!(pruned.stdout.contains("retained: the store keeps it"), "{pruned}");
        place.assert_sound(2).await;
    }
    place.server().without_traps();
    let pruned = place.answers(0, "prune --keep 1 --yes").await;
    assert_eq!(pruned["backups"][1]["verdict"], "goes", "{pruned}");
    place.assert_sound(1).await;
}

#[tokio::test]
async fn who_may_only_write_can_make_backups() {
    let place = Place::small_with_objects().await;
    place.server().trap(DELETE, Fault::Denied, 1_000);
    place.answers(0, "create").await;
    place.answers(0, "verify").await;
    place.assert_sound(1).await;
}

#[tokio::test]
async fn wrong_credentials_are_said_and_never_shown() {
    let place = Place::small_with_objects().await;
    for (name, value) in
        [("AWS_ACCESS_KEY_ID", "somebody"), ("AWS_SECRET_ACCESS_KEY", "n0t/the=secret")]
    {
        for command in ["create", "list", "verify", "doctor", "prune --keep 1 --yes"] {
            let run = place.program(command).await.env(name, value).run().await;
            assert_refused(&run, "are not accepted");
            assert!(!format!("{run:?}").contains("n0t/the"), "{run}");
        }
    }
    let run = place.program("create -vv").await.env("RUST_LOG", "trace").run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(!format!("{run:?}").contains(SECRET));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_said() {
    let place = Place::small_with_objects().await;
    for command in ["create", "list", "verify"] {
        let program = place.program(command).await.env("BACKUP_DIR", "s3://nowhere-at-all/x");
        assert_refused(&program.run().await, "there is no bucket for `s3://nowhere-at-all/x`");
    }
}

#[tokio::test]
async fn a_store_that_nobody_answers_for_is_given_up_soon() {
    let place = Place::small_with_objects().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for command in ["create", "list", "restore --to not_made"] {
        let program = place.program(command).await.env("AWS_MAX_ATTEMPTS", "2");
        let run = program.env("AWS_ENDPOINT_URL", format!("http://{closed}")).run().await;
        assert_refused(&run, "cannot reach the object store");
        assert!(run.stderr.contains("AWS_ENDPOINT_URL"), "{run}");
    }
    let plain = place.program("list").await.without("AWS_ALLOW_HTTP").run().await;
    assert_refused(&plain, "cannot reach the object store");
    assert!(plain.stderr.contains("AWS_ALLOW_HTTP"), "{plain}");
}

#[tokio::test]
async fn a_url_that_is_of_no_use_is_a_usage_error() {
    let place = Place::small_with_objects().await;
    for (url, said) in [
        ("ftp://host/path", "`ftp://` is no object store"),
        ("s3://key:s3cr3t-W0rd@bucket/path", "has a user or a password in it"),
    ] {
        let run = place.program("list --dir").await.arg(url).run().await;
        assert_failed(&run, 2, said);
        assert!(!format!("{run:?}").contains("s3cr3t-W0rd"), "{run}");
    }
}
