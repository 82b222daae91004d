//! What belongs to a database and is in no archive: owner, privileges, settings, limit and comment.
//!
//! `ALTER DATABASE … SET` stays with the database that it was said of, whatever the database is called
//! later, so the one that takes its place must be told again.

use std::fmt::Write as _;

use dbkit::{Identifier, Literal};

use crate::{
    manifest::{DatabaseSetting, Source},
    server::{Server, ServerError},
};

/// Settings that are lists of names, which are kept with the quotes that SQL would want.
///
/// The variables with `GUC_LIST_QUOTE`; `pg_dump` has the same list, and tells to keep it so.
const LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// A database that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Properties {
    /// Its number, which it keeps whatever it is called.
    pub(crate) oid: i64,
    pub(crate) tablespace: String,
    pub(crate) allows_connections: bool,
    pub(crate) belongings: Belongings,
}

/// What belongs to a database, and can be given to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Belongings {
    owner: String,
    connection_limit: i32,
    pub(crate) comment: Option<String>,
    /// Nothing where the privileges are those of a new database.
    grants: Option<Vec<Grant>>,
    settings: Vec<Setting>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    /// Nobody in particular, if everybody is meant.
    grantee: Option<String>,
    privilege: String,
    is_grantable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    /// Nobody in particular, if everybody is meant.
    role: Option<String>,
    name: String,
    value: String,
}

/// Reads what belongs to `database`; nothing if there is none of that name.
pub(crate) async fn read(
    server: &mut Server,
    database: &str,
) -> Result<Option<Properties>, ServerError> {
    type Row = (i64, String, String, i32, bool, Option<String>, bool);
    let doing = format!("read what belongs to `{database}`");
    let found: Vec<Row> = server
        .rows(
            &doing,
            &format!(
                "SELECT d.oid::bigint, pg_get_userbyid(d.datdba)::text, t.spcname::text,
                     d.datconnlimit, d.datallowconn, shobj_description(d.oid, 'pg_database'),
                     d.datacl IS NOT NULL
                 FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace
                 WHERE d.datname = {}",
                Literal(database)
            ),
        )
        .await?;
    let Some(row) = found.into_iter().next() else { return Ok(None) };
    let (oid, owner, tablespace, connection_limit, allows_connections, comment, has_grants) = row;
    let grants = if has_grants { Some(grants(server, &doing, oid).await?) } else { None };
    let settings = settings(server, &doing, oid).await?;
    let belongings = Belongings { owner, connection_limit, comment, grants, settings };
    Ok(Some(Properties { oid, tablespace, allows_connections, belongings }))
}

/// What belonged to the database of a backup.
pub(crate) async fn recorded(
    server: &mut Server,
    source: &Source,
) -> Result<Belongings, ServerError> {
    let grants = match &source.acl {
        Some(acl) => Some(recorded_grants(server, acl).await?),
        None => None,
    };
    let setting = |recorded: &DatabaseSetting| {
        let (name, value) = recorded.setting.split_once('=').unwrap_or((&recorded.setting, ""));
        Setting { role: recorded.role.clone(), name: name.to_owned(), value: value.to_owned() }
    };
    Ok(Belongings {
        owner: source.owner.clone(),
        connection_limit: source.connection_limit,
        comment: source.comment.clone(),
        grants,
        settings: source.settings.iter().map(setting).collect(),
    })
}

/// The server reads what it has written itself, such as `app=CTc/app`, if it knows the roles.
async fn recorded_grants(server: &mut Server, acl: &[String]) -> Result<Vec<Grant>, ServerError> {
    let items: Vec<_> = acl.iter().map(|item| Literal(item).to_string()).collect();
    let list = format!("ARRAY[{}]::text[]::aclitem[]", items.join(", "));
    exploded(server, "read the recorded privileges", &list).await
}

async fn grants(server: &mut Server, doing: &str, oid: i64) -> Result<Vec<Grant>, ServerError> {
    let acl = format!("(SELECT datacl FROM pg_database WHERE oid = {oid})");
    exploded(server, doing, &acl).await
}

async fn exploded(server: &mut Server, doing: &str, acl: &str) -> Result<Vec<Grant>, ServerError> {
    let sql = format!(
        "SELECT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee)::text END AS grantee,
             a.privilege_type AS privilege, a.is_grantable
         FROM aclexplode({acl}) a ORDER BY 1 NULLS FIRST, 2"
    );
    let rows: Vec<(Option<String>, String, bool)> = server.rows(doing, &sql).await?;
    let grant = |(grantee, privilege, is_grantable)| Grant { grantee, privilege, is_grantable };
    Ok(rows.into_iter().map(grant).collect())
}

async fn settings(server: &mut Server, doing: &str, oid: i64) -> Result<Vec<Setting>, ServerError> {
    let sql = format!(
        "SELECT CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole)::text END AS role,
             split_part(line, '=', 1) AS name, substr(line, strpos(line, '=') + 1) AS value
         FROM pg_db_role_setting s, unnest(s.setconfig) WITH ORDINALITY AS lines (line, place)
         WHERE s.setdatabase = {oid} ORDER BY 1 NULLS FIRST, place"
    );
    let rows: Vec<(Option<String>, String, String)> = server.rows(doing, &sql).await?;
    Ok(rows.into_iter().map(|(role, name, value)| Setting { role, name, value }).collect())
}

impl Belongings {
    /// The statements that give a new `database` the same, except for the comment.
    pub(crate) fn statements(&self, database: &str) -> String {
        let (database, owner) = (Identifier(database), Identifier(&self.owner));
        let mut sql = format!("ALTER DATABASE {database} OWNER TO {owner};\n");
        if let Some(grants) = &self.grants {
            // A new database lets everybody in, which is a privilege like any other.
            let _ = writeln!(sql, "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {owner};");
            for grant in grants {
                let _ = writeln!(sql, "{}", grant.statement(database));
            }
        }
        let limit = self.connection_limit;
        let _ = writeln!(sql, "ALTER DATABASE {database} CONNECTION LIMIT {limit};");
        for setting in &self.settings {
            let _ = writeln!(sql, "{}", setting.statement(database));
        }
        sql
    }
}

impl Grant {
    fn statement(&self, database: Identifier<'_>) -> String {
        let grantee =
            self.grantee.as_ref().map_or("PUBLIC".to_owned(), |role| Identifier(role).to_string());
        let option = if self.is_grantable { " WITH GRANT OPTION" } else { "" };
        format!("GRANT {} ON DATABASE {database} TO {grantee}{option};", self.privilege)
    }
}

impl Setting {
    fn statement(&self, database: Identifier<'_>) -> String {
        let of = match &self.role {
            Some(role) => format!("ROLE {} IN DATABASE {database}", Identifier(role)),
            None => format!("DATABASE {database}"),
        };
        let value = if LISTS.contains(&self.name.to_lowercase().as_str()) {
            let names = elements(&self.value);
            let names: Vec<_> = names.iter().map(|name| Literal(name).to_string()).collect();
            if names.is_empty() { "''".to_owned() } else { names.join(", ") }
        } else {
            Literal(&self.value).to_string()
        };
        // A name such as `shop.tenant` is two identifiers.
        let name: Vec<_> = self.name.split('.').map(|part| Identifier(part).to_string()).collect();
        format!("ALTER {of} SET {} TO {value};", name.join("."))
    }
}

/// The names in a list such as `"$user", public`.
fn elements(list: &str) -> Vec<String> {
    let (mut elements, mut name, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => name.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => elements.push(std::mem::take(&mut name)),
            blank if !quoted && blank.is_ascii_whitespace() => {}
            other => name.push(other),
        }
    }
    if !(elements.is_empty() && list.trim().is_empty()) {
        elements.push(name);
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn belongings() -> Belongings {
        Belongings {
            owner: "own\"er".to_owned(),
            connection_limit: -1,
            comment: None,
            grants: None,
            settings: Vec::new(),
        }
    }

    #[test]
    fn privileges_of_a_new_database_are_left_alone() {
        assert_eq!(
            belongings().statements("a\"b"),
            "ALTER DATABASE \"a\"\"b\" OWNER TO \"own\"\"er\";\n\
             ALTER DATABASE \"a\"\"b\" CONNECTION LIMIT -1;\n"
        );
    }

    #[test]
    fn privileges_that_were_granted_are_granted_again_and_no_others() {
        let grant = |grantee: Option<&str>, privilege: &str, is_grantable| Grant {
            grantee: grantee.map(str::to_owned),
            privilege: privilege.to_owned(),
            is_grantable,
        };
        let grants = Some(vec![grant(None, "CONNECT", false), grant(Some("app"), "CREATE", true)]);
        let sql = Belongings { grants, ..belongings() }.statements("shop");
        assert_eq!(
            sql.lines().skip(1).take(3).collect::<Vec<_>>(),
            [
                "REVOKE ALL ON DATABASE \"shop\" FROM PUBLIC, \"own\"\"er\";",
                "GRANT CONNECT ON DATABASE \"shop\" TO PUBLIC;",
                "GRANT CREATE ON DATABASE \"shop\" TO \"app\" WITH GRANT OPTION;",
            ]
        );
    }

    #[test]
    fn settings_are_set_again_for_everybody_and_for_a_role() {
        let setting = |role: Option<&str>, name: &str, value: &str| Setting {
            role: role.map(str::to_owned),
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let settings = vec![
            setting(None, "work_mem", "64MB"),
            setting(None, "search_path", "\"$user\", \"a\"\"b, c\", public"),
            setting(Some("app"), "shop.tenant", "it's"),
        ];
        let sql = Belongings { settings, ..belongings() }.statements("shop");
        assert_eq!(
            sql.lines().skip(2).collect::<Vec<_>>(),
            [
                "ALTER DATABASE \"shop\" SET \"work_mem\" TO E'64MB';",
                "ALTER DATABASE \"shop\" SET \"search_path\" TO E'$user', E'a\"b, c', E'public';",
                "ALTER ROLE \"app\" IN DATABASE \"shop\" SET \"shop\".\"tenant\" TO E'it''s';",
            ]
        );
    }

    #[test]
    fn an_empty_list_stays_empty() {
        assert_eq!(elements(""), [""; 0]);
        assert_eq!(elements("\"\""), [""]);
        assert_eq!(elements("a, \"B c\""), ["a", "B c"]);
    }
}
