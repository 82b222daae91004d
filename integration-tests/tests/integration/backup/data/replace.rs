//! A replacement makes tables what they were, touches nothing that is so already, and does it wholly or not at
//! all.

use backup::data::{Applied, ImportError, ImportOptions, Mode, Triggers};
use integration_tests::{TestDatabase, sql};

use super::{File, content, exported, import_with, insert, options, replace};
use crate::content::{assert_same, whole};

const SHOP: &str = "
CREATE TABLE people (id int PRIMARY KEY, mail text UNIQUE, name text);
CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES people, total numeric CHECK (total >= 0));
CREATE TABLE log (line text);
INSERT INTO people SELECT n, 'mail' || n, 'name' FROM generate_series(1, 20) AS n;
INSERT INTO orders SELECT n, n, 1.00 FROM generate_series(1, 20) AS n;
INSERT INTO log VALUES ('a'), ('a'), (NULL)";

const TABLES: [&str; 3] = ["people", "orders", "log"];

async fn shop() -> (TestDatabase, File) {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), SHOP).await;
    let file = exported(&test, &TABLES).await;
    (test, file)
}

fn counts(applied: &Applied) -> (u64, u64, u64) {
    (applied.deleted, applied.updated, applied.inserted)
}

#[tokio::test]
async fn tables_become_what_they_were_and_equal_rows_are_left_alone() {
    let (test, file) = shop().await;
    let before = content(&test, &TABLES).await;
    let changes = "
        DELETE FROM orders WHERE id = 1; DELETE FROM people WHERE id = 1;
        INSERT INTO people VALUES (99, 'mail1', 'took the address'); INSERT INTO orders VALUES (99, 99, 5);
        UPDATE orders SET total = 1.0 WHERE id = 2; UPDATE people SET name = NULL WHERE id IN (3, 4);
        INSERT INTO log VALUES ('b')";
    let versions =
        "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM people WHERE id > 4 AND id < 99";
    let untouched: String = sql::value(test.db(), versions).await;
    sql::run(test.db(), changes).await;
    let permit = test.permit();
    let imported = replace(&test, &file, &permit).await.unwrap();
    assert_eq!(
        imported.tables.iter().map(counts).collect::<Vec<_>>(),
        [(1, 2, 1), (1, 1, 1), (4, 0, 3)]
    );
    assert_same(&before, &content(&test, &TABLES).await);
    assert_eq!(sql::value::<String>(test.db(), versions).await, untouched);
    // Twice is as good as once.
    let imported = replace(&test, &file, &permit).await.unwrap();
    assert_eq!(counts(&imported.tables[0]), (0, 0, 0));
    assert_same(&before, &content(&test, &TABLES).await);
}

#[tokio::test]
async fn rows_that_others_refer_to_stay_whatever_on_delete_says() {
    for action in ["", "ON DELETE CASCADE", "ON DELETE SET NULL", "ON DELETE RESTRICT"] {
        let (test, file) = shop().await;
        let ddl = format!(
            "CREATE TABLE badges (id int PRIMARY KEY, person int REFERENCES people {action});
             INSERT INTO people VALUES (50, 'mail50', 'new'), (51, 'mail51', 'new');
             INSERT INTO badges VALUES (1, 50), (2, 50), (3, 51), (4, 1), (5, NULL)"
        );
        sql::run(test.db(), &ddl).await;
        let before = whole(test.db()).await;
        let permit = test.permit();
        let error = replace(&test, &file, &permit).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "rows would be deleted that others refer to: \
             3 of public.badges to public.people (`badges_person_fkey`)"
        );
        assert_same(&before, &whole(test.db()).await);
        sql::run(test.db(), "DELETE FROM badges WHERE person > 49").await;
        replace(&test, &file, &permit).await.unwrap();
        assert_eq!(sql::value::<i64>(test.db(), "SELECT count(person) FROM badges").await, 1);
    }
}

#[tokio::test]
async fn a_table_without_a_key_is_not_emptied_under_those_that_follow_it() {
    let test = TestDatabase::empty().await;
    let ddl = "CREATE TABLE codes (code text UNIQUE);
               CREATE TABLE uses (code text REFERENCES codes (code) ON DELETE CASCADE);
               INSERT INTO codes VALUES ('a'); INSERT INTO uses VALUES ('a')";
    sql::run(test.db(), ddl).await;
    let file = exported(&test, &["codes"]).await;
    let permit = test.permit();
    let error = replace(&test, &file, &permit).await.unwrap_err().to_string();
    assert!(error.contains("public.codes has no key, and `uses_code_fkey`"), "{error}");
    sql::run(test.db(), "ALTER TABLE codes ALTER code SET NOT NULL").await;
    replace(&test, &file, &permit).await.unwrap();
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM uses").await, 1);
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_everything_as_it_was() {
    let (test, file) = shop().await;
    sql::run(test.db(), "DELETE FROM people WHERE id > 30; UPDATE log SET line = 'other'").await;
    let against = "ALTER TABLE orders ADD CONSTRAINT small CHECK (id < 20) NOT VALID";
    sql::run(test.db(), "DELETE FROM orders WHERE id = 20").await;
    sql::run(test.db(), against).await;
    let before = whole(test.db()).await;
    let permit = test.permit();
    let error = replace(&test, &file, &permit).await.unwrap_err();
    let ImportError::Constraint { table, rule, detail, .. } = &error else { panic!("{error}") };
    assert_eq!((&**table, &**rule), ("public.orders", "constraint `small`"));
    assert!(detail.contains("20, 20, 1.00"), "{detail}");
    assert_same(&before, &whole(test.db()).await);
}

#[tokio::test]
async fn a_row_that_is_there_already_is_named_with_its_constraint() {
    let (test, file) = shop().await;
    let before = whole(test.db()).await;
    let error = insert(&test, &file).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "table public.people refuses a row by constraint `people_pkey`: Key (id)=(1) already exists"
    );
    sql::run(
        test.db(),
        "TRUNCATE people, orders, log; INSERT INTO people VALUES (77, 'mail7', 'x')",
    )
    .await;
    let error = insert(&test, &file).await.unwrap_err().to_string();
    assert!(error.ends_with("`people_mail_key`: Key (mail)=(mail7) already exists"), "{error}");
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM people").await, 1);
    assert_eq!(before.len(), 3);
}

#[tokio::test]
async fn what_others_changed_is_not_taken_back_unseen() {
    let (test, file) = shop().await;
    sql::run(test.db(), "UPDATE orders SET total = 9 WHERE id = 1").await;
    let after = exported(&test, &TABLES).await;
    let permit = test.permit();
    let expecting =
        ImportOptions { expect: Some(&after.exported.tables), ..options(Mode::Replace(&permit)) };
    let others = "UPDATE people SET name = 'changed' WHERE id = 2; INSERT INTO log VALUES ('more')";
    sql::run(test.db(), others).await;
    let before = whole(test.db()).await;
    let error = import_with(&test, &file, &expecting).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tables are not what they are expected to be: \
         public.people has other rows, as many as expected (20); public.log has 4 rows, not 3"
    );
    assert_same(&before, &whole(test.db()).await);
    let undo = "UPDATE people SET name = 'name' WHERE id = 2; DELETE FROM log WHERE line = 'more'";
    sql::run(test.db(), undo).await;
    import_with(&test, &file, &expecting).await.unwrap();
    assert_eq!(exported(&test, &TABLES).await.exported.tables, file.exported.tables);
}

const TRIGGERS: &str = "
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO heard VALUES (TG_OP || ' ' || NEW.id); NEW.name := upper(NEW.name); RETURN NEW; END $$;
CREATE TABLE heard (what text);
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION shout();
CREATE TRIGGER always BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION shout();
ALTER TABLE people ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER off BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION shout();
ALTER TABLE people DISABLE TRIGGER off";

#[tokio::test]
async fn a_trigger_that_changes_rows_is_found_or_kept_silent() {
    let (test, file) = shop().await;
    sql::run(test.db(), "UPDATE people SET name = 'other' WHERE id = 1").await;
    sql::run(test.db(), TRIGGERS).await;
    let states = "SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY tgname)
                  FROM pg_trigger WHERE NOT tgisinternal";
    let permit = test.permit();
    let before = whole(test.db()).await;
    let error = replace(&test, &file, &permit).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tables would not be what was exported: \
         public.people has other rows, as many as expected (20)"
    );
    assert_same(&before, &whole(test.db()).await);
    let silent = ImportOptions { triggers: Triggers::Silence, ..options(Mode::Replace(&permit)) };
    let imported = import_with(&test, &file, &silent).await.unwrap();
    assert_eq!(counts(&imported.tables[0]), (0, 1, 0));
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM heard").await, 0);
    assert_eq!(sql::value::<String>(test.db(), states).await, "alwaysA offD shoutO");
    // Where rows are only added, what a trigger makes of them is the team's business, and it finds its tables.
    sql::run(test.db(), "TRUNCATE people, orders, log").await;
    insert(&test, &file).await.unwrap();
    assert_eq!(
        sql::value::<i64>(test.db(), "SELECT count(*) FROM people WHERE name = 'NAME'").await,
        20
    );
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM heard").await, 40);
}

#[tokio::test]
async fn a_trigger_that_holds_rows_back_is_found() {
    let (test, file) = shop().await;
    let ddl = "TRUNCATE people, orders, log;
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.line IS NULL THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE TRIGGER hold BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION hold()";
    sql::run(test.db(), ddl).await;
    let error = insert(&test, &file).await.unwrap_err().to_string();
    assert!(error.starts_with("only 2 of 3 rows came into public.log"), "{error}");
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM people").await, 0);
}

#[tokio::test]
async fn a_permit_for_another_database_is_none() {
    let (test, file) = shop().await;
    let permit = integration_tests::permit("another");
    let error = replace(&test, &file, &permit).await.unwrap_err();
    assert!(matches!(error, ImportError::WrongPermit { .. }), "{error}");
}
