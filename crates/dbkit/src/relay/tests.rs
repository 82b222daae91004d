//! The relay before a server that says what a test tells it to.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
};

use super::*;
use crate::Password;

const PASSWORD: &str = "s3cr3t\n:\\'@% ü";
const STARTUP: &[u8] = b"\0\0\0\x11\0\x03\0\0user\0me\0\0";
const IN: &[u8] = b"R\0\0\0\x08\0\0\0\0";
const CLEARTEXT: &[u8] = b"R\0\0\0\x08\0\0\0\x03";
const MD5: &[u8] = b"R\0\0\0\x0c\0\0\0\x05salt";

/// A server on a socket, and a relay before it.
struct Scene {
    folder: TempDir,
    server: UnixListener,
    relay: Relay,
}

impl Scene {
    fn with(variables: &'static [(&'static str, &'static str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = UnixListener::bind(socket(folder.path(), 7)).unwrap();
        let host = folder.path().to_str().unwrap().to_owned();
        let variable = |name: &str| match name {
            "PGHOST" => Some(host.clone()),
            "PGPORT" => Some("7".to_owned()),
            _ => variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned()),
        };
        let access = Access::new(variable, Password::new(PASSWORD.to_owned()));
        Self { folder, server, relay: Relay::start(access).unwrap() }
    }

    async fn client(&self) -> UnixStream {
        UnixStream::connect(socket(self.relay.folder(), 7)).await.unwrap()
    }

    /// A client that wants a session, and the server's end of it.
    async fn session(&self) -> (UnixStream, UnixStream) {
        let mut client = self.client().await;
        client.write_all(STARTUP).await.unwrap();
        let mut server = self.server.accept().await.unwrap().0;
        expect(&mut server, STARTUP).await;
        (client, server)
    }
}

/// Reads exactly this.
async fn expect(stream: &mut UnixStream, bytes: &[u8]) {
    let mut read = vec![0; bytes.len()];
    stream.read_exact(&mut read).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&read), String::from_utf8_lossy(bytes));
}

/// Reads all there is until the other side ends.
async fn rest(mut stream: UnixStream) -> String {
    let mut read = Vec::new();
    // A server that is hung up on may see it as an error.
    let _ = stream.read_to_end(&mut read).await;
    String::from_utf8_lossy(&read).into_owned()
}

fn password_message(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len() + 5).unwrap().to_be_bytes();
    [b"p", &length[..], text.as_bytes(), b"\0"].concat()
}

#[tokio::test]
async fn a_cleartext_password_is_answered_and_then_everything_is_passed_on() {
    let scene = Scene::with(&[]);
    let (mut client, mut server) = scene.session().await;
    server.write_all(CLEARTEXT).await.unwrap();
    expect(&mut server, &password_message(PASSWORD)).await;
    server.write_all(&[IN, b"and more"].concat()).await.unwrap();
    expect(&mut client, IN).await;
    expect(&mut client, b"and more").await;
    client.write_all(b"a question").await.unwrap();
    expect(&mut server, b"a question").await;
    drop(client);
    assert_eq!(rest(server).await, "");
}

#[tokio::test]
async fn an_md5_hash_is_answered_with_the_name_that_the_client_gave() {
    let scene = Scene::with(&[]);
    let (mut client, mut server) = scene.session().await;
    server.write_all(MD5).await.unwrap();
    let hash = postgres_protocol::authentication::md5_hash(b"me", PASSWORD.as_bytes(), *b"salt");
    expect(&mut server, &password_message(&hash)).await;
    server.write_all(IN).await.unwrap();
    expect(&mut client, IN).await;
}

#[tokio::test]
async fn a_version_of_the_protocol_is_negotiated_past_the_relay() {
    let scene = Scene::with(&[]);
    let (mut client, mut server) = scene.session().await;
    let negotiation = b"v\0\0\0\x0c\0\0\0\0\0\0\0\0";
    server.write_all(&[&negotiation[..], IN].concat()).await.unwrap();
    expect(&mut client, negotiation).await;
    expect(&mut client, IN).await;
}

#[tokio::test]
async fn what_the_server_refuses_comes_in_its_own_words() {
    let scene = Scene::with(&[]);
    let (client, mut server) = scene.session().await;
    server.write_all(CLEARTEXT).await.unwrap();
    expect(&mut server, &password_message(PASSWORD)).await;
    let words = b"E\0\0\0\x1dSFATAL\0C28P01\0Mit is no\0\0";
    server.write_all(words).await.unwrap();
    assert_eq!(rest(client).await.as_bytes(), words);
}

#[tokio::test]
async fn nobody_learns_the_password_who_does_not_ask_as_a_server_does() {
    for said in [
        &b"R\0\0\0\x08\0\0\0\x07"[..],  // GSSAPI
        b"R\0\0\0\x08\0\0\0\x63",       // unheard of
        b"R\xff\xff\xff\xff\0\0\0\x03", // endless
        b"R\0\0\0\x03",                 // shorter than itself
        b"R\0\0\0\x05\0",               // no question
        b"R\0\0\0\x0a\0\0\0\x05sa",     // half a salt
        b"R\0\0\0\x0c\0\0\0\x03more",   // too much
        b"R\0\0\0\x0a\0\0\0\x0a\0\0",   // no mechanism
        b"R\0\0\0\x0d\0\0\0\x0aNONE\0", // no end of the list
        b"R\0\0\0\x09\0\0\0\x0bx",      // SCRAM goes on without having begun
        b"R\0\0\0\x09\0\0\0\x0cx",      // and ends
        b"Z\0\0\0\x05I",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"R\0",
        b"",
    ] {
        let scene = Scene::with(&[]);
        let (client, mut server) = scene.session().await;
        server.write_all(said).await.unwrap();
        server.shutdown().await.unwrap();
        assert_eq!(rest(server).await, "", "{said:?}");
        let told = rest(client).await;
        assert!(told.starts_with('E') && told.contains("SFATAL\0"), "{said:?}: {told:?}");
        assert!(!told.contains("s3cr3t"), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_prove_itself_is_not_believed() {
    let scene = Scene::with(&[]);
    let (client, mut server) = scene.session().await;
    server.write_all(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0").await.unwrap();
    let mut begun = [0; 22];
    server.read_exact(&mut begun).await.unwrap();
    assert!(begun.starts_with(b"p") && begun.ends_with(b"SCRAM-SHA-256\0\0\0\0"), "{begun:?}");
    server.write_all(IN).await.unwrap();
    let told = rest(client).await;
    assert!(told.contains("C28000\0Mthe server has not proven"), "{told:?}");
}

#[tokio::test]
async fn a_server_that_never_stops_asking_is_left() {
    let scene = Scene::with(&[]);
    let (client, mut server) = scene.session().await;
    for _ in 0..16 {
        server.write_all(CLEARTEXT).await.unwrap();
        expect(&mut server, &password_message(PASSWORD)).await;
    }
    assert!(rest(client).await.contains("does not stop asking"));
}

#[tokio::test]
async fn what_is_demanded_of_the_authentication_is_kept() {
    const SCRAM: &[(&str, &str)] = &[("PGREQUIREAUTH", "scram-sha-256")];
    const BOUND: &[(&str, &str)] = &[("PGCHANNELBINDING", "require")];
    for (variables, reason) in [(SCRAM, "require_auth"), (BOUND, "channel binding")] {
        for said in [CLEARTEXT, MD5, IN] {
            let scene = Scene::with(variables);
            let (client, mut server) = scene.session().await;
            server.write_all(said).await.unwrap();
            assert_eq!(rest(server).await, "");
            let told = rest(client).await;
            assert!(told.contains(reason), "{said:?}: {told}");
        }
    }
}

#[tokio::test]
async fn a_cancellation_is_passed_on_and_the_server_hangs_up() {
    let scene = Scene::with(&[]);
    let cancel = b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02";
    let mut client = scene.client().await;
    client.write_all(cancel).await.unwrap();
    let mut server = scene.server.accept().await.unwrap().0;
    expect(&mut server, cancel).await;
    drop(server);
    assert_eq!(rest(client).await, "");
}

#[tokio::test]
async fn a_client_that_wants_encryption_is_told_that_there_is_none() {
    let scene = Scene::with(&[]);
    let mut client = scene.client().await;
    client.write_all(b"\0\0\0\x08\x04\xd2\x16\x2f").await.unwrap();
    expect(&mut client, b"N").await;
    client.write_all(STARTUP).await.unwrap();
    let mut server = scene.server.accept().await.unwrap().0;
    expect(&mut server, STARTUP).await;
}

#[tokio::test]
async fn a_client_that_talks_nonsense_reaches_no_server() {
    let scene = Scene::with(&[]);
    for said in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0\0\0\0", b"\xff\xff\xff\xff\0\x03\0\0", b"\0"]
    {
        let mut client = scene.client().await;
        client.write_all(said).await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(rest(client).await, "", "{said:?}");
    }
    let nobody = std::future::poll_fn(|context| scene.server.poll_accept(context).map(drop));
    let asked = is_ready(nobody).await;
    assert!(!asked, "the server was reached");
}

/// Whether it is ready at once.
async fn is_ready(future: impl Future<Output = ()>) -> bool {
    tokio::select! {
        biased;
        () = future => true,
        () = std::future::ready(()) => false,
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let Scene { folder, server, relay } = Scene::with(&[]);
    drop(server);
    let mut client = UnixStream::connect(socket(relay.folder(), 7)).await.unwrap();
    client.write_all(STARTUP).await.unwrap();
    let told = rest(client).await;
    let expected =
        format!("C08001\0Mconnection to server at \"{}\", port 7", folder.path().display());
    assert!(told.contains(&expected), "{told:?}");
}

#[tokio::test]
async fn nothing_is_left_of_a_relay_that_is_dropped() {
    let scene = Scene::with(&[]);
    let (mut client, mut server) = scene.session().await;
    server.write_all(IN).await.unwrap();
    expect(&mut client, IN).await;
    let (silent, door) = (scene.client().await, socket(scene.relay.folder(), 7));
    let Scene { relay, .. } = scene;
    drop(relay);
    for end in [client, server, silent] {
        assert_eq!(rest(end).await, "");
    }
    assert!(!door.exists() && !door.parent().unwrap().exists());
    assert!(UnixStream::connect(door).await.is_err());
}

#[tokio::test]
async fn a_door_that_is_closed_leaves_the_sessions_to_their_ends() {
    let scene = Scene::with(&[]);
    let (mut client, mut server) = scene.session().await;
    server.write_all(IN).await.unwrap();
    expect(&mut client, IN).await;
    let door = socket(scene.relay.folder(), 7);
    let Scene { relay, .. } = scene;
    relay.close_door();
    assert!(UnixStream::connect(door).await.is_err());
    client.write_all(b"still here").await.unwrap();
    expect(&mut server, b"still here").await;
}

#[test]
fn only_this_user_gets_into_the_folder_and_its_path_fits() {
    let folder = private_folder(65_535).unwrap();
    let mode = folder.path().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(socket(folder.path(), 65_535).as_os_str().len() <= PATH_LIMIT);
}
