//! Nobody whom a seed has made up can log in by chance, and no real person can be reached.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use integration_tests::{TestDatabase, sql};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult, Statement};
use seeding_engine::values::safe;
use tower::ServiceExt as _;

use super::{count, done, filled};
use crate::{
    api::fresh_bytes,
    seeder::{DAY, PERSONA_PASSWORD},
};

#[derive(FromQueryResult)]
struct Column {
    table_name: String,
    column_name: String,
}

/// Every column of the team's tables that could hold a text or an address.
const COLUMNS: &str = "SELECT table_name::text, column_name::text FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'
      AND udt_name IN ('text', 'varchar', 'citext', 'jsonb', 'inet', '_text')
    ORDER BY 1, 2";

async fn everything() -> TestDatabase {
    let test = filled(3).await;
    done(&test, "scenario --all").await;
    test
}

#[tokio::test]
async fn no_value_of_any_seeded_table_can_reach_a_real_person() {
    let test = everything().await;
    let columns = Statement::from_string(DbBackend::Postgres, COLUMNS);
    let columns = Column::find_by_statement(columns).all(test.db()).await.unwrap();
    assert!(columns.len() > 50, "{}", columns.len());
    let mut seen = 0;
    for Column { table_name, column_name } in columns {
        let query = format!(
            r#"SELECT DISTINCT "{column_name}"::text AS value FROM "{table_name}"
               WHERE "{column_name}" IS NOT NULL"#
        );
        let statement = Statement::from_string(DbBackend::Postgres, query);
        for row in test.db().query_all_raw(statement).await.unwrap() {
            let value: String = row.try_get("", "value").unwrap();
            let checked = safe::check_value(&table_name, &column_name, &value);
            assert_eq!(checked, Ok(()), "{table_name}.{column_name}");
            seen += 1;
        }
    }
    assert!(seen > 5_000, "{seen}");
}

#[tokio::test]
async fn generated_users_have_a_hash_that_no_password_fits_and_everybody_else_is_named() {
    let test = everything().await;
    let of_small_seeds = "users u WHERE EXISTS (SELECT FROM seaworthy.seed_rows r
        WHERE r.table_name = 'users' AND r.key ->> 'id' = u.id::text)";
    let named = count(&test, of_small_seeds).await;
    let unusable = count(&test, "users WHERE password_hash = '!'").await;
    assert!(unusable > 300, "{unusable}");
    let hashed = count(&test, "users WHERE password_hash LIKE '$argon2id$%'").await;
    assert_eq!(hashed + unusable, count(&test, "users").await);
    let generated = of_small_seeds.replacen("EXISTS", "NOT EXISTS", 1);
    let able = format!("{generated} AND u.password_hash <> '!'");
    assert_eq!((count(&test, &able).await, hashed <= named), (0, true));
}

#[tokio::test]
async fn everybody_of_demo_and_scenarios_who_may_log_in_does() {
    let test = everything().await;
    let api = api::router(test.db().clone(), dbkit::SystemClock, fresh_bytes);
    let active = "SELECT email FROM users WHERE status = 'active' AND NOT is_system
                  AND password_hash <> '!' ORDER BY email";
    let active: Vec<String> = sql::column(test.db(), active).await;
    assert!(active.len() > 10, "{active:?}");
    for email in active {
        let body = serde_json::json!({ "email": email, "password": PERSONA_PASSWORD });
        let request = Request::post("/sessions").header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = api.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{email}");
    }
}

#[tokio::test]
async fn every_hash_has_a_salt_of_its_own() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only demo.personas --only system.users {DAY}")).await;
    let twice = "SELECT password_hash FROM users WHERE password_hash <> '!'
                 GROUP BY 1 HAVING count(*) > 1";
    assert!(sql::column::<String>(test.db(), twice).await.is_empty());
}
