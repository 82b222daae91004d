//! A PostgreSQL server of a test's own, for what cannot be changed on the shared one: who may
//! connect, and how.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown},
    path::{Path, PathBuf},
};

use dbkit::{
    DatabaseUrl,
    local_server::{self, Durability, Options, Running},
};

use crate::{
    blocking,
    place::unique_name,
    server::{search, server},
    sweep::destroy,
};

/// A server that exists for one test.
#[derive(Debug)]
pub struct Cluster {
    workspace: PathBuf,
    running: Running,
}

/// The workspaces of such servers; the sweep finds what a killed test has left there.
pub(crate) fn clusters(folder: &Path) -> PathBuf {
    folder.join("clusters")
}

impl Cluster {
    /// Makes and starts one.
    pub async fn start() -> Self {
        let workspace = clusters(&server().await.folder).join(unique_name());
        fs::create_dir_all(&workspace).expect("a folder can be made");
        let running = launch(&workspace, &[]).await;
        Self { workspace, running }
    }

    /// Stops it, lets `change` write into the folder of its data, and starts it with `settings`.
    pub async fn restart(&mut self, settings: &[(&str, &str)], change: impl FnOnce(&Self)) {
        local_server::stop(&self.workspace, &()).await.expect("the server stops");
        change(self);
        self.running = launch(&self.workspace, settings).await;
    }

    /// Writes a file into the folder of its data, for the server alone to read.
    pub fn write(&self, name: &str, text: &str) {
        let folder = &self.running.data_dir;
        let owner = folder.metadata().expect("the cluster is there");
        let mut file = File::create(folder.join(name)).expect("the file can be made");
        fchown(&file, Some(owner.uid()), Some(owner.gid())).expect("the file can be given away");
        file.set_permissions(fs::Permissions::from_mode(0o600)).expect("the mode can be set");
        file.write_all(text.as_bytes()).expect("the file can be written");
    }

    /// For the superuser, to the database `app`.
    pub fn superuser(&self) -> &DatabaseUrl {
        &self.running.socket_url
    }

    /// Over TCP, to the database `app`; `credentials` are a role, or a role and its password.
    pub fn tcp(&self, credentials: &str, host: &str, parameters: &str) -> DatabaseUrl {
        let port = self.running.port;
        let url = format!("postgres://{credentials}@{host}:{port}/app?{parameters}");
        url.parse().expect("it is a URL")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What cannot be deleted now is deleted when the last test process has ended.
        if blocking::run(destroy(&self.workspace)).is_ok() {
            drop(fs::remove_dir_all(&self.workspace));
        }
    }
}

async fn launch(workspace: &Path, settings: &[(&str, &str)]) -> Running {
    let settings = settings.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    let options = Options {
        durability: Durability::Throwaway,
        settings: settings.collect(),
        ..Options::default()
    };
    let running = local_server::start(workspace, &search(), &options, &()).await;
    running.expect("the server starts")
}
