//! However a receiver behaves: the result stays what it is, and the tries end.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use chrono::DateTime;
use dbkit::{
    Environment,
    notify::{NotSent, Notification, Patience, Status, Webhook, send},
};
use integration_tests::{Program, Run, TestDatabase};
use nix::sys::signal::Signal;
use tokio::net::TcpSocket;
use uuid::Uuid;

use super::receiver::{Receiver, Reply, SECRET};
use crate::watching::{Running, until};

/// A short command that is told: it writes one row.
async fn stamp(test: &TestDatabase, receiver: &Receiver) -> Run {
    let program = Program::new("seeder").await.on(test.url()).args("stamp --env testing");
    receiver.told_by(program).run().await
}

/// Runs a command whose end is told to a receiver that does this; how many requests came in, and
/// what the command said on stderr.
async fn told(replies: &[Reply]) -> (usize, String) {
    let test = TestDatabase::empty().await;
    let receiver = Receiver::start(replies).await;
    let run = stamp(&test, &receiver).await;
    assert_eq!(run.code, 0, "{replies:?}: {run}");
    assert!(run.stdout.ends_with(" is testing from now on\n"), "{replies:?}: {run}");
    let requests = receiver.requests();
    // A second try must be known for what it is.
    for request in &requests {
        assert_eq!(request.text(), requests[0].text(), "{replies:?}");
        request.notification();
    }
    (requests.len(), run.stderr)
}

#[tokio::test]
async fn a_receiver_that_takes_it_is_told_once() {
    for reply in [Reply::Status(200), Reply::Status(204), Reply::HangingBody, Reply::Endless] {
        let (requests, said) = told(std::slice::from_ref(&reply)).await;
        assert_eq!((requests, said.contains("warning")), (1, false), "{reply:?}: {said}");
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_three_times() {
    let (passing, lasting) =
        tokio::join!(told(&[Reply::Status(503), Reply::Status(200)]), told(&[Reply::Status(500)]));
    assert_eq!((passing.0, passing.1.contains("warning")), (2, false), "{}", passing.1);
    assert_eq!(lasting.0, 3);
    let warning = "warning: nobody was told how this ended: `http://127.0.0.1:";
    assert!(lasting.1.contains(warning), "{}", lasting.1);
    assert!(lasting.1.ends_with("` answers with status 500\n"), "{}", lasting.1);
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    for status in [400, 401, 404, 410] {
        let (requests, said) = told(&[Reply::Status(status)]).await;
        assert_eq!(requests, 1);
        assert!(said.ends_with(&format!("` answers with status {status}\n")), "{said}");
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let other = Receiver::start(&[Reply::Status(200)]).await;
    let metadata = "http://169.254.169.254/latest/meta-data".to_owned();
    for to in [other.url(), metadata, "file:///etc/passwd".to_owned()] {
        let (requests, said) = told(&[Reply::Redirect(to)]).await;
        assert_eq!(requests, 1);
        assert!(said.ends_with("` redirects (307), which is not followed\n"), "{said}");
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_receiver_that_is_down_costs_a_warning() {
    let test = TestDatabase::empty().await;
    // Nobody listens there, and as long as it is bound, nobody else will.
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let url = format!("http://{}", bound.local_addr().unwrap());
    let program = Program::new("seeder").await.on(test.url()).args("stamp --env testing");
    let run = program.env("NOTIFY_URL", &url).env("NOTIFY_SECRET", SECRET).run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains(&format!("ended: `{url}` cannot be reached: ")), "{run}");
}

#[tokio::test]
async fn an_interruption_ends_the_telling_and_not_the_result() {
    let test = TestDatabase::empty().await;
    let receiver = Receiver::start(&[Reply::Silence]).await;
    let url = receiver.url();
    let variables =
        [("DATABASE_URL", test.url().expose()), ("NOTIFY_URL", &url), ("NOTIFY_SECRET", SECRET)];
    let running = Running::start("seeder", &variables, "stamp --env testing").await;
    until("a request", async || !receiver.requests().is_empty()).await;
    running.signal(Signal::SIGINT);
    let ended = running.end().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.ends_with(" is testing from now on\n"), "{}", ended.stdout);
    let warning = "warning: nobody was told how this ended: interrupted\n";
    assert!(ended.stderr.ends_with(warning), "{}", ended.stderr);
}

fn notification() -> Notification {
    Notification {
        event: "backup.create".to_owned(),
        id: Uuid::from_u128(7),
        tool: "backup".to_owned(),
        command: "create".to_owned(),
        database: None,
        environment: Environment::Production,
        status: Status::Done,
        exit_code: 0,
        class: None,
        backup: None,
        bytes: None,
        seconds: 1.5,
        at: DateTime::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_given_up() {
    let receiver = Receiver::start(&[Reply::Silence]).await;
    let webhook = Webhook::new(&receiver.url(), SECRET).unwrap();
    let long = Duration::from_mins(10);
    let moment = Duration::from_millis(300);
    for (patience, limit) in [
        (Patience { each: moment, pauses: vec![Duration::ZERO; 2], total: long }, moment),
        (Patience { each: long, pauses: Vec::new(), total: moment }, moment),
        // The tries and their pauses are limited together.
        (Patience { each: moment / 2, pauses: vec![long; 2], total: moment }, moment),
    ] {
        let before = receiver.requests().len();
        let error = send(&webhook, &notification(), &patience).await.unwrap_err();
        assert!(matches!(error, NotSent::TimedOut { limit: l, .. } if l == limit), "{error}");
        assert!(receiver.requests().len() - before <= 1 + patience.pauses.len());
    }
}
