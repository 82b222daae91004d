//! What the caller may choose about the local server.

/// How a server is made and started; the default is what a developer wants.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What must survive a crash of the machine.
    pub durability: Durability,
    /// Further settings, as in `postgresql.conf`: a name and a value without quotes.
    ///
    /// They take effect when the server is started, not when a running one is reused.
    pub settings: Vec<(String, String)>,
    /// Where PostgreSQL comes from if none is installed.
    pub download: Download,
}

/// What must survive a crash of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Everything that was committed.
    #[default]
    Full,
    /// Nothing: faster, and for tests alone. A crash may leave a cluster that does not start.
    Throwaway,
}

/// Where PostgreSQL comes from if none is installed.
///
/// Without the feature `download` nothing is ever fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Download {
    /// From nowhere: a missing PostgreSQL is an error.
    Never,
    /// From the releases of `theseus-rs/postgresql-binaries` on GitHub.
    #[default]
    Official,
    /// From a mirror: the URL of a list of releases, in the JSON that GitHub, GitHub Enterprise,
    /// Gitea and Forgejo answer with. A plain file server will do as well:
    ///
    /// ```json
    /// [{"tag_name": "18.1.0", "assets": [
    ///   {"name": "postgresql-18.1.0-x86_64-unknown-linux-gnu.tar.gz",
    ///    "browser_download_url": "postgresql-18.1.0-x86_64-unknown-linux-gnu.tar.gz"},
    ///   {"name": "postgresql-18.1.0-x86_64-unknown-linux-gnu.tar.gz.sha256",
    ///    "browser_download_url": "postgresql-18.1.0-x86_64-unknown-linux-gnu.tar.gz.sha256"}]}]
    /// ```
    ///
    /// A URL of an asset may be relative to the list's. The `.sha256` file is required.
    Mirror(String),
}
