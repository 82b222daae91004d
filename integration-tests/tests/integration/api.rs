//! The example API on a seeded database: the role matrix decides, and nothing else.

use api::router;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use dbkit::SystemClock;
use integration_tests::{Behaviour, Proxy, TestDatabase, sql};
use seeder::{
    personas::PERSONAS,
    reference::permissions::{MATRIX, ROLES, holders},
    system::SYSTEM_USERS,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::seeder::{PERSONA_PASSWORD, SYSTEM_PASSWORD, fill};

/// A seeded database and the API on it.
struct School {
    test: TestDatabase,
    api: Router,
}

impl School {
    async fn open() -> Self {
        let test = TestDatabase::migrated().await;
        fill(&test).await;
        let api = router(test.db().clone(), SystemClock, fresh_bytes);
        Self { test, api }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        send(&self.api, method, path, token, body).await
    }

    async fn get(&self, path: &str, token: Option<&str>) -> (StatusCode, Value) {
        self.ask(Method::GET, path, token, None).await
    }

    /// Adds a student whom nobody has added before.
    async fn admit(&self, token: Option<&str>) -> (StatusCode, Value) {
        let student = json!({
            "student_no": format!("T-{}", token_of(fresh_bytes())),
            "given_name": "Ada", "family_name": "Lovelace", "birth_date": "2015-12-10", "grade_level": 5,
        });
        self.ask(Method::POST, "/students", token, Some(student)).await
    }

    async fn log_in(&self, email: &str, password: &str) -> Result<String, StatusCode> {
        let body = json!({ "email": email, "password": password });
        let (status, answer) = self.ask(Method::POST, "/sessions", None, Some(body)).await;
        match answer["token"].as_str() {
            Some(token) if status == StatusCode::CREATED => Ok(token.to_owned()),
            _ => Err(status),
        }
    }

    async fn persona(&self, name: &str) -> String {
        self.log_in(&format!("{name}@school.example"), PERSONA_PASSWORD).await.unwrap()
    }

    async fn admin(&self) -> String {
        self.log_in("admin@school.example", SYSTEM_PASSWORD).await.unwrap()
    }

    /// The names of the students whom the holder of `token` sees.
    async fn visible(&self, token: &str) -> Vec<String> {
        let (status, answer) = self.get("/students?per_page=100", Some(token)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let items = answer["items"].as_array().unwrap();
        assert_eq!(answer["total"].as_u64().unwrap(), items.len() as u64, "{answer}");
        items.iter().map(|student| student["student_no"].as_str().unwrap().to_owned()).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "a token must be unpredictable, in a test as well")]
pub(crate) fn fresh_bytes() -> [u8; 32] {
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    std::array::from_fn(|i| if i < 16 { one.as_bytes()[i] } else { other.as_bytes()[i - 16] })
}

fn token_of(bytes: [u8; 32]) -> String {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[i])).to_string()
}

async fn send(
    api: &Router,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = match body {
        Some(json) => {
            request = request.header("content-type", "application/json");
            Body::from(json.to_string())
        }
        None => Body::empty(),
    };
    let response = api.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// Somebody for every role.
fn somebody() -> Vec<(&'static str, String, &'static str)> {
    let of = |role: &'static str| {
        let system = SYSTEM_USERS.iter().find(|user| user.role == role);
        let persona = PERSONAS.iter().find(|p| p.role == Some(role) && p.can_log_in());
        match (system, persona) {
            (Some(user), _) => (role, user.email("school.example"), SYSTEM_PASSWORD),
            (None, Some(persona)) => (role, persona.email(), PERSONA_PASSWORD),
            (None, None) => panic!("nobody has the role {role}"),
        }
    };
    ROLES.iter().map(|(role, _)| of(role)).collect()
}

fn may(role: &str, code: &str) -> bool {
    let (_, cells, _) = MATRIX.iter().find(|(known, ..)| *known == code).unwrap();
    holders(cells).any(|holder| holder == role)
}

#[tokio::test]
async fn every_role_may_do_exactly_what_the_matrix_grants() {
    let school = School::open().await;
    let expected = |granted, success| if granted { success } else { StatusCode::FORBIDDEN };
    for (role, email, password) in somebody() {
        let token = school.log_in(&email, password).await.unwrap();
        let (status, answer) = school.get("/students", Some(&token)).await;
        assert_eq!(status, expected(may(role, "STUDENT_READ"), StatusCode::OK), "{role}: {answer}");
        let (status, answer) = school.admit(Some(&token)).await;
        let granted = may(role, "STUDENT_CREATE");
        assert_eq!(status, expected(granted, StatusCode::CREATED), "{role}: {answer}");
    }
}

#[tokio::test]
async fn what_is_taken_from_a_role_is_refused_from_the_next_request_on() {
    let school = School::open().await;
    let token = school.persona("tess.teacher").await;
    assert_eq!(school.get("/students", Some(&token)).await.0, StatusCode::OK);
    let take = "DELETE FROM role_permissions USING roles r, permissions p
                WHERE r.id = role_id AND p.id = permission_id
                AND r.name = 'TEACHER' AND p.code = 'STUDENT_READ'";
    sql::run(school.test.db(), take).await;
    assert_eq!(school.get("/students", Some(&token)).await.0, StatusCode::FORBIDDEN);
    let suspend = "UPDATE users SET status = 'suspended' WHERE email LIKE 'tess.teacher@%'";
    sql::run(school.test.db(), suspend).await;
    assert_eq!(school.get("/students", Some(&token)).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_session_nothing_is_shown_and_without_a_role_nothing_is_allowed() {
    let school = School::open().await;
    let nora = school.persona("nora.norole").await;
    for (token, expected) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some("0000"), StatusCode::UNAUTHORIZED),
        (Some(nora.as_str()), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(school.get("/students", token).await.0, expected, "{token:?}");
        assert_eq!(school.admit(token).await.0, expected, "{token:?}");
        let (status, _) = school.get(&format!("/students/{}", Uuid::nil()), token).await;
        assert_eq!(status, expected, "{token:?}");
    }
}

#[tokio::test]
async fn a_revoked_session_is_none() {
    let school = School::open().await;
    let token = school.admin().await;
    let log_out = || school.ask(Method::DELETE, "/sessions/current", Some(&token), None);
    assert_eq!(log_out().await.0, StatusCode::NO_CONTENT);
    assert_eq!(log_out().await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(school.get("/students", Some(&token)).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_active_accounts_with_the_right_password_may_log_in() {
    let school = School::open().await;
    for persona in PERSONAS {
        let result = school.log_in(&persona.email(), PERSONA_PASSWORD).await;
        assert_eq!(result.is_ok(), persona.can_log_in(), "{}", persona.name);
        let wrong = school.log_in(&persona.email(), "seaworthy-dem0").await;
        assert_eq!(wrong, Err(StatusCode::UNAUTHORIZED), "{}", persona.name);
    }
    for (email, password) in [
        ("nobody@school.example", PERSONA_PASSWORD),
        ("superadmin@school.example", PERSONA_PASSWORD),
        ("superadmin@school.example", ""),
        ("superadmin@school.example", "!"),
    ] {
        assert_eq!(school.log_in(email, password).await, Err(StatusCode::UNAUTHORIZED), "{email}");
    }
    assert!(school.log_in(" TESS.Teacher@school.example ", PERSONA_PASSWORD).await.is_ok());
}

#[tokio::test]
async fn everybody_sees_the_students_they_have_to_do_with() {
    let school = School::open().await;
    let visible = async |name: &str| school.visible(&school.persona(name).await).await;
    assert_eq!(visible("sam.student").await, ["P-001"]);
    assert_eq!(visible("peter.parent").await, ["P-002"]);
    let mut children = visible("paula.parent").await;
    children.sort();
    assert_eq!(children, ["P-001", "P-003"]);

    let taught = "SELECT DISTINCT s.student_no FROM students s
                  JOIN enrollments e ON e.student_id = s.id AND e.status = 'active'
                  JOIN classes c ON c.id = e.class_id JOIN teachers t ON t.id = c.teacher_id
                  JOIN users u ON u.id = t.user_id WHERE u.email LIKE 'tess.teacher@%' ORDER BY 1";
    let taught: Vec<String> = sql::column(school.test.db(), taught).await;
    let mut seen = visible("tess.teacher").await;
    seen.sort();
    assert_eq!(seen, taught);
    let all: i64 = sql::value(school.test.db(), "SELECT count(*) FROM students").await;
    let (_, answer) = school.get("/students", Some(&school.admin().await)).await;
    assert_eq!(answer["total"], all);
    assert!(taught.len() > 1 && (taught.len() as u64) < answer["total"].as_u64().unwrap());
}

#[tokio::test]
async fn a_student_whom_one_may_not_see_does_not_exist() {
    let school = School::open().await;
    let id = "SELECT id::text FROM students WHERE student_no = 'P-001'";
    let path = format!("/students/{}", sql::value::<String>(school.test.db(), id).await);
    for (name, expected) in [
        ("sam.student", StatusCode::OK),
        ("paula.parent", StatusCode::OK),
        ("tess.teacher", StatusCode::OK),
        ("sara.student", StatusCode::NOT_FOUND),
        ("peter.parent", StatusCode::NOT_FOUND),
    ] {
        let (status, answer) = school.get(&path, Some(&school.persona(name).await)).await;
        assert_eq!(status, expected, "{name}: {answer}");
    }
}

#[tokio::test]
async fn everybody_sees_published_events_and_no_others() {
    let school = School::open().await;
    let (status, answer) = school.get("/events?per_page=100", None).await;
    assert_eq!(status, StatusCode::OK);
    let published: i64 =
        sql::value(school.test.db(), "SELECT count(*) FROM events WHERE status = 'published'")
            .await;
    assert_eq!(answer["items"].as_array().unwrap().len(), usize::try_from(published).unwrap());
    assert!(published > 1);
}

#[tokio::test]
async fn health_is_told_with_and_without_a_database() {
    let test = TestDatabase::migrated().await;
    let proxy = Proxy::start(test.url(), Behaviour::Forward);
    let api = router(sql::pool(proxy.url()).await, SystemClock, fresh_bytes);
    let health = || send(&api, Method::GET, "/health", None, None);
    assert_eq!(health().await, (StatusCode::OK, json!({ "status": "ok" })));
    proxy.set(Behaviour::Stall);
    proxy.cut();
    let (status, answer) = health().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
    assert!(!answer.to_string().contains(&test.name()), "{answer}");
    proxy.set(Behaviour::Forward);
    proxy.cut();
    assert_eq!(health().await.0, StatusCode::OK, "it does not recover");
}
