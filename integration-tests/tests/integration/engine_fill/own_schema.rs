//! The project's own schema, as if nobody had written a seed for it.

use integration_tests::{TestDatabase, sql};

use super::{fill, problems, revalidate};

#[tokio::test]
async fn every_table_of_our_own_domains_gets_two_hundred_valid_rows() {
    let test = TestDatabase::migrated().await;
    let summary = fill(&test, 200, &[]).await;
    assert_eq!(problems(&summary), Vec::<String>::new());
    assert_eq!(summary.tables.len(), 32);
    for filled in &summary.tables {
        let count = format!("SELECT count(*) FROM {}", filled.table);
        assert_eq!(sql::value::<i64>(test.db(), &count).await, 200, "{}", filled.table);
    }
    revalidate(&test).await;
}
