//! Whatever a crash or a killed command leaves behind, the next start repairs it.

use std::{fs, net::TcpListener, process};

use dbkit::{
    Report,
    local_server::{self, LocalServerEvent, Options, Status, status, stop},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::fixture::{Workspace, ask, run, search};

#[tokio::test]
async fn a_server_that_was_killed_is_started_again_with_its_data() {
    let workspace = Workspace::new();
    let first = workspace.start().await;
    run(&first.url, "CREATE TABLE kept AS SELECT 42 AS answer").await;
    kill(Pid::from_raw(first.pid), Signal::SIGKILL).unwrap();
    let second = workspace.start().await;
    assert_ne!(first.pid, second.pid);
    assert_eq!(ask(&second.url, "SELECT answer::text FROM kept").await, "42");
}

#[tokio::test]
async fn two_commands_at_once_make_one_server() {
    let workspace = Workspace::new();
    let (one, two, three) = tokio::join!(workspace.start(), workspace.start(), workspace.start());
    assert_eq!((one.pid, one.port), (two.pid, two.port));
    assert_eq!((one.pid, one.port), (three.pid, three.port));
    let events = workspace.events();
    let creations =
        events.iter().filter(|event| matches!(event, LocalServerEvent::Creating { .. }));
    assert_eq!(creations.count(), 1, "{events:?}");
}

#[tokio::test]
async fn a_port_that_somebody_took_is_replaced_and_the_new_one_remembered() {
    let workspace = Workspace::new();
    let first = workspace.start().await;
    stop(workspace.path(), &()).await.unwrap();
    let holder = TcpListener::bind(("127.0.0.1", first.port)).unwrap();
    let second = workspace.start().await;
    assert_ne!(first.port, second.port);
    drop(holder);
    stop(workspace.path(), &()).await.unwrap();
    assert_eq!(workspace.start().await.port, second.port);
}

#[tokio::test]
async fn a_process_that_got_the_servers_number_is_neither_stopped_nor_in_the_way() {
    let workspace = Workspace::new();
    let first = workspace.start().await;
    stop(workspace.path(), &()).await.unwrap();
    let file = format!("{}\n{}\n1\n{}\n", process::id(), first.data_dir.display(), first.port);
    fs::write(first.data_dir.join("postmaster.pid"), file).unwrap();
    assert!(matches!(status(workspace.path()).await.unwrap(), Status::Stopped { .. }));
    assert!(!stop(workspace.path(), &()).await.unwrap());
    let second = workspace.start().await;
    assert_ne!(second.pid, i32::try_from(process::id()).unwrap());
}

#[tokio::test]
async fn a_missing_database_is_made_even_by_a_command_that_finds_the_server_running() {
    let workspace = Workspace::new();
    let running = workspace.start().await;
    let postgres = running.socket_url.with_database("postgres");
    run(&postgres, "DROP DATABASE app").await;
    run(&postgres, "DROP ROLE app").await;
    let again = workspace.start().await;
    assert_eq!(again.pid, running.pid);
    assert_eq!(ask(&again.url, "SELECT current_user::text").await, "app");
}

#[tokio::test]
async fn a_start_that_was_interrupted_at_any_step_is_repaired_by_the_next() {
    for step in [is_creating, is_starting] {
        let workspace = Workspace::new();
        interrupt(&workspace, step).await;
        let running = workspace.start().await;
        assert_eq!(ask(&running.url, "SELECT 'whole'").await, "whole");
        assert!(!running.data_dir.with_extension("partial").exists());
    }
}

#[tokio::test]
async fn a_forgotten_server_is_found_again() {
    let workspace = Workspace::new();
    let running = workspace.start().await;
    let state = workspace.path().join(".seaworthy/local-server.json");
    for forgotten in ["", "{ half"] {
        fs::write(&state, forgotten).unwrap();
        assert_eq!(workspace.start().await.pid, running.pid);
        assert!(fs::read_to_string(&state).unwrap().contains(&running.port.to_string()));
    }
}

fn is_creating(event: &LocalServerEvent) -> bool {
    matches!(event, LocalServerEvent::Creating { .. })
}

fn is_starting(event: &LocalServerEvent) -> bool {
    matches!(event, LocalServerEvent::Starting { .. })
}

/// Starts the server and gives up as soon as the step has begun.
async fn interrupt(workspace: &Workspace, step: fn(&LocalServerEvent) -> bool) {
    let (sender, mut begun) = unbounded_channel();
    let report = Trigger { step, sender };
    let (search, options) = (search(), Options::default());
    tokio::select! {
        biased;
        _ = begun.recv() => {}
        started = local_server::start(workspace.path(), &search, &options, &report) => {
            panic!("it was faster than the interruption: {started:?}")
        }
    }
}

struct Trigger {
    step: fn(&LocalServerEvent) -> bool,
    sender: UnboundedSender<()>,
}

impl Report<LocalServerEvent> for Trigger {
    fn report(&self, event: &LocalServerEvent) {
        if (self.step)(event) {
            self.sender.send(()).unwrap();
        }
    }
}
