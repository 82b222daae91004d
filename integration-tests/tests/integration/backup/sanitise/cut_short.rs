//! A run that is cut short leaves nothing clear but in the server.

use std::{fs, path::Path};

use integration_tests::{TestDatabase, sql};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{KEY, Sanitising};
use crate::{
    backup::{clients::Fake, tree},
    watching::{Running, until},
};

const CANARY: &str = "canary@corp.invalid";

async fn people() -> Sanitising {
    let test = TestDatabase::empty().await;
    let table = format!(
        "CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE);
         INSERT INTO people SELECT n, n || '{CANARY}' FROM generate_series(1, 500) AS n"
    );
    sql::run(test.db(), &table).await;
    Sanitising::of(test, "[public.people]\nid = \"keep\"\nemail = \"personal:email\"\n")
}

/// When all rows have just been copied.
const COPIED: &str = "*--section=data*) hang \"$@\";;";

/// When the sanitised copy has been dumped.
const DUMPED: &str = "*--section*) ;; *--snapshot*) hang \"$@\";;";

/// A `pg_dump` that does not end once it has written what it was asked for in one case.
async fn hanging(case: &str) -> Fake {
    Fake::new(&format!(
        r#"all="$*"
hang() {{ "$real" "$@"; tail -f /dev/null & echo $! >"$here/child"; echo $$ >"$here/pid"; wait; }}
case "$all" in {case} esac
exec "$real" "$@""#
    ))
    .await
}

async fn start(sanitising: &Sanitising, fake: &Fake) -> Running {
    let (folder, path) = (sanitising.place.backups().display().to_string(), fake.path());
    let variables = [
        ("DATABASE_URL", sanitising.place.test.url().expose()),
        ("BACKUP_DIR", &folder),
        ("BACKUP_RECIPIENTS", "none"),
        ("BACKUP_SANITISE_KEY", KEY),
        ("PATH", &path),
    ];
    let arguments = format!("sanitise --profile {}", sanitising.profile.display());
    let running = Running::start("backup", &variables, &arguments).await;
    until("a hanging dump", async || fake.file("pid").exists()).await;
    running
}

fn end(fake: &Fake) {
    for name in ["child", "pid"] {
        let pid = fs::read_to_string(fake.file(name)).unwrap();
        // It may have ended already.
        let _ = kill(Pid::from_raw(pid.trim().parse().unwrap()), Signal::SIGKILL);
    }
}

fn holds_the_canary(folder: &Path) -> bool {
    let files = tree(folder).into_iter().filter(|path| path.is_file());
    files.into_iter().any(|path| {
        let content = fs::read(path).unwrap();
        content.windows(CANARY.len()).any(|part| part == CANARY.as_bytes())
    })
}

#[tokio::test]
async fn a_killed_run_leaves_its_scratch_database_and_no_file() {
    for what in [COPIED, DUMPED] {
        let sanitising = people().await;
        let fake = hanging(what).await;
        let running = start(&sanitising, &fake).await;
        running.kill().await;
        end(&fake);
        assert!(!holds_the_canary(sanitising.place.folder.path()), "{what}");
        let left = sanitising.scratch_databases().await;
        assert_eq!(left.len(), 1, "{what}: {left:?}");
        let run = left[0].strip_prefix("seaworthy_sanitise_").unwrap();
        assert_eq!(run.len(), 32);
        let outsiders = "SELECT has_database_privilege('public', $$DATABASE$$, 'CONNECT')";
        let open: bool =
            sql::value(sanitising.db(), &outsiders.replace("DATABASE", &left[0])).await;
        assert!(!open, "everybody may enter {}", left[0]);
        sanitising.place.assert_sound(0).await;

        let drop = format!("DROP DATABASE {} WITH (FORCE)", left[0]);
        sql::run(sanitising.db(), &drop).await;
        sanitising.make(KEY).await;
        sanitising.place.assert_sound(1).await;
    }
}

#[tokio::test]
async fn an_interrupted_run_drops_its_scratch_database() {
    let sanitising = people().await;
    let fake = hanging(COPIED).await;
    let running = start(&sanitising, &fake).await;
    running.signal(Signal::SIGINT);
    let ended = running.end().await;
    assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("the scratch copy was dropped"), "{}", ended.stderr);
    sanitising.assert_nothing_is_left().await;
    sanitising.make(KEY).await;
}
