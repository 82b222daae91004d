//! Backups in an object store: what works in a folder works there, whatever the network does.

mod server;

pub(super) use server::ObjectServer;

use integration_tests::unique_name;

use super::Place;
use crate::seeder::document;

impl Place {
    /// The object store that its backups are in.
    fn server(&self) -> &ObjectServer {
        self.objects.as_ref().unwrap()
    }
}

#[tokio::test]
async fn a_backup_goes_to_a_bucket_and_comes_back() {
    let place = Place::small_with_objects().await;
    let created = place.run("create --format json").await;
    assert_eq!(created.code, 0, "{created}\n{:?}", place.server());
    let answer = document(&created)["data"].clone();
    let path = answer["path"].as_str().unwrap();
    assert!(path.starts_with(&place.server().url()), "{path}");
    place.assert_sound(1).await;
    for command in ["verify --level restore", "verify --level hash", "show", "status", "doctor"] {
        let run = place.run(command).await;
        assert_eq!(run.code, 0, "{run}");
    }
    let to = unique_name();
    let run = place.run(&format!("restore --to {to}")).await;
    assert_eq!(run.code, 0, "{run}");
    let run = place.run("audit verify").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains(&format!("folder {}/audit: ", place.server().url())), "{run}");
}
