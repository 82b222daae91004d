//! The server that `dbkit` starts for a workspace, with the real PostgreSQL of this machine.
//!
//! Run as root, the same tests prove that the server runs as somebody else.

#![cfg(test)]

mod download;
mod fixture;
mod recovery;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use dbkit::local_server::{
    DestroyError, Durability, LocalServerEvent, Options, StartError, Status, destroy, status, stop,
};
use dbkit::postgres::{Search, find_servers};
use fixture::{Workspace, ask, installed, permit, run, search};

#[tokio::test]
async fn the_first_start_gives_a_database_and_the_next_command_finds_it() {
    let workspace = Workspace::new();
    let first = workspace.start().await;
    assert_eq!(
        ask(&first.url, "SELECT current_user || '@' || current_database()").await,
        "app@app"
    );
    assert_eq!(ask(&first.url, "SELECT current_setting('fsync')").await, "on");
    assert_eq!(
        ask(
            &first.url,
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'app'"
        )
        .await,
        "UTF8"
    );
    let second = workspace.start().await;
    assert_eq!((first.pid, first.port), (second.pid, second.port));
    let events = workspace.events();
    assert!(matches!(events[0], LocalServerEvent::Creating { .. }), "{events:?}");
    assert!(matches!(events.last(), Some(LocalServerEvent::Reused { .. })), "{events:?}");
}

#[tokio::test]
async fn a_stopped_server_comes_back_on_its_port_with_its_data() {
    let workspace = Workspace::new();
    let first = workspace.start().await;
    run(&first.url, "CREATE TABLE kept AS SELECT 42 AS answer").await;
    assert!(stop(workspace.path(), &()).await.unwrap());
    assert!(!stop(workspace.path(), &()).await.unwrap());
    let second = workspace.start().await;
    assert_eq!(first.port, second.port);
    assert_ne!(first.pid, second.pid);
    assert_eq!(ask(&second.url, "SELECT answer::text FROM kept").await, "42");
}

#[tokio::test]
async fn the_state_is_told_and_nothing_is_changed_by_asking() {
    let workspace = Workspace::new();
    assert!(matches!(status(workspace.path()).await.unwrap(), Status::Absent));
    assert!(!workspace.path().join(".seaworthy").exists());
    let running = workspace.start().await;
    let Status::Running(found) = status(workspace.path()).await.unwrap() else {
        panic!("it was started")
    };
    assert_eq!((found.pid, found.url, found.version), (running.pid, running.url, running.version));
    stop(workspace.path(), &()).await.unwrap();
    assert!(matches!(status(workspace.path()).await.unwrap(), Status::Stopped { .. }));
}

#[tokio::test]
async fn over_tcp_there_is_only_the_role() {
    let workspace = Workspace::new();
    let running = workspace.start().await;
    run(&running.url, "CREATE DATABASE scratch").await;
    let program = fixture::try_run(&running.url, "COPY (SELECT 1) TO PROGRAM 'true'").await;
    let insufficient_privilege = program.unwrap_err().into_database_error().unwrap();
    assert_eq!(insufficient_privilege.code().as_deref(), Some("42501"));
    let as_superuser = running.url.expose().replace("app@", "postgres@").parse().unwrap();
    let refused = fixture::try_run(&as_superuser, "SELECT 1").await.unwrap_err();
    assert!(refused.to_string().contains("pg_hba.conf rejects"), "{refused}");
    let superuser = "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user";
    assert_eq!(ask(&running.socket_url, superuser).await, "true");
}

#[tokio::test]
async fn nobody_else_can_enter_the_folder_of_the_cluster_and_the_socket() {
    let workspace = Workspace::new();
    let running = workspace.start().await;
    let home = running.data_dir.parent().unwrap();
    assert_eq!(home.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let state = workspace.path().join(".seaworthy/local-server.json");
    assert_eq!(state.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_workspace_may_lie_deep_and_have_a_strange_name() {
    let workspace = Workspace::below(&format!("it's, \"odd\" \\ $(boom) {}", "deep/".repeat(30)));
    let running = workspace.start().await;
    assert_eq!(ask(&running.socket_url, "SELECT 'here'").await, "here");
    let socket = running.socket_url.host();
    assert!(socket.starts_with("/tmp/seaworthy-"), "{socket}");
    workspace.destroy().await;
    assert!(!Path::new(&socket).exists());
}

#[tokio::test]
async fn postgres_is_found_where_the_distribution_put_it_and_where_path_says() {
    let everywhere = find_servers(&search()).await;
    let newest = everywhere.first().expect("the tests need PostgreSQL");
    let by_path = Search { path: vec![newest.bin_dir.clone()], roots: Vec::new() };
    let by_root = Search { path: Vec::new(), roots: vec![newest.bin_dir.clone()] };
    for search in [by_path, by_root] {
        let workspace = Workspace::new();
        let running = workspace.start_with(&search, &Options::default()).await.unwrap();
        assert_eq!(running.version.major(), newest.version.major());
    }
}

#[tokio::test]
async fn a_throwaway_server_has_its_own_settings() {
    let workspace = Workspace::new();
    let options = Options {
        durability: Durability::Throwaway,
        settings: vec![("max_connections".to_owned(), "37".to_owned())],
        ..Options::default()
    };
    let running = workspace.start_with(&search(), &options).await.unwrap();
    let settings = "SELECT concat_ws(' ', current_setting('fsync'), \
        current_setting('synchronous_commit'), current_setting('full_page_writes'), \
        current_setting('max_connections'))";
    assert_eq!(ask(&running.url, settings).await, "off off off 37");
}

#[tokio::test]
async fn a_cluster_of_a_version_that_is_gone_is_an_error_with_both_names() {
    let workspace = Workspace::new();
    let running = workspace.start().await;
    stop(workspace.path(), &()).await.unwrap();
    fs::write(running.data_dir.join("PG_VERSION"), "99\n").unwrap();
    let error = workspace.start_with(&search(), &Options::default()).await.unwrap_err();
    let StartError::OtherMajor { cluster: 99, installed } = &error else { panic!("{error:?}") };
    assert_eq!(installed[0], find_servers(&search()).await[0].version);
    let installed = installed[0].to_string();
    assert!(error.to_string().contains("99") && error.to_string().contains(&installed), "{error}");
}

#[tokio::test]
async fn what_is_destroyed_is_gone_and_can_be_made_again() {
    let workspace = Workspace::new();
    let running = workspace.start().await;
    run(&running.url, "CREATE TABLE gone ()").await;
    let other = destroy(workspace.path(), &permit("other"), &()).await;
    assert!(matches!(other, Err(DestroyError::OtherDatabase { .. })));
    assert!(workspace.destroy().await);
    assert!(!running.data_dir.parent().unwrap().exists());
    assert!(!workspace.path().join(".seaworthy/local-server.json").exists());
    assert!(matches!(status(workspace.path()).await.unwrap(), Status::Absent));
    assert!(!workspace.destroy().await);
    let again = workspace.start().await;
    assert_eq!(ask(&again.url, "SELECT to_regclass('gone') IS NULL || ''").await, "true");
}

#[tokio::test]
async fn root_keeps_the_cluster_elsewhere_if_the_account_cannot_reach_the_workspace() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let workspace = Workspace::new();
    fs::set_permissions(workspace.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let running = workspace.start().await;
    assert!(running.data_dir.starts_with("/var/lib/seaworthy"), "{:?}", running.data_dir);
    assert!(!workspace.path().join(".seaworthy/postgres").exists());
    stop(workspace.path(), &()).await.unwrap();
    fs::remove_file(workspace.path().join(".seaworthy/local-server.json")).unwrap();
    assert_eq!(workspace.start().await.data_dir, running.data_dir);
    assert!(workspace.destroy().await);
    assert!(!running.data_dir.parent().unwrap().exists());
}

#[tokio::test]
async fn as_root_the_owner_of_the_workspace_owns_the_server() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let workspace = Workspace::new();
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    nix::unistd::chown(workspace.path(), Some(nobody.uid), Some(nobody.gid)).unwrap();
    let running = workspace.start().await;
    for path in [&running.data_dir, &workspace.path().join(".seaworthy/local-server.lock")] {
        let owner = std::os::unix::fs::MetadataExt::uid(&path.metadata().unwrap());
        assert_eq!(owner, nobody.uid.as_raw(), "{}", path.display());
    }
    assert!(installed().await.program("pg_ctl").exists());
}
