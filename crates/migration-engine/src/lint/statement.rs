//! The statements of a migration as plain facts, so that a rule needs no syntax tree.
//!
//! Beside `squawk.rs` this is the only file that knows squawk, whose interface is not promised.

use squawk_syntax::{
    SourceFile, SyntaxKind, SyntaxNode,
    ast::{self, AstNode as _},
};

/// One statement.
#[derive(Debug)]
pub(super) struct Statement {
    /// What it says.
    pub(super) text: String,
    /// Where it starts in the text of all statements.
    pub(super) start: usize,
    /// What it does.
    pub(super) kind: Kind,
    /// Whether it says CONCURRENTLY.
    pub(super) concurrently: bool,
}

/// What a statement does, as far as a rule asks.
#[derive(Debug)]
pub(super) enum Kind {
    CreateTable {
        table: String,
        keys: Vec<Vec<String>>,
        foreign_keys: Vec<Vec<String>>,
    },
    AlterTable {
        table: String,
        actions: Vec<Action>,
    },
    DropTable {
        tables: Vec<String>,
    },
    CreateIndex {
        table: String,
        columns: Vec<String>,
        if_not_exists: bool,
    },
    AddEnumValue {
        value: String,
    },
    Update {
        table: String,
        filtered: bool,
    },
    Delete {
        table: String,
        filtered: bool,
    },
    Lock {
        tables: Vec<String>,
        mode: String,
    },
    Set {
        local: bool,
    },
    Comment,
    Refresh,
    /// Any other that changes the schema.
    Define,
    /// Anything else.
    Other,
}

/// What `ALTER TABLE` does, as far as a rule asks.
#[derive(Debug)]
pub(super) enum Action {
    AddColumn { column: String, references: bool },
    AddForeignKey { columns: Vec<String> },
    AddKey { columns: Vec<String> },
    DropColumn { column: String },
    Validate,
    Other,
}

impl Statement {
    /// The table that it is about.
    pub(super) fn table(&self) -> Option<&str> {
        match &self.kind {
            Kind::CreateTable { table, .. }
            | Kind::AlterTable { table, .. }
            | Kind::CreateIndex { table, .. }
            | Kind::Update { table, .. }
            | Kind::Delete { table, .. } => Some(table),
            Kind::DropTable { tables } | Kind::Lock { tables, .. } => {
                tables.first().map(String::as_str)
            }
            _ => None,
        }
    }

    /// Whether it changes the schema.
    pub(super) fn is_ddl(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Update { .. }
                | Kind::Delete { .. }
                | Kind::Lock { .. }
                | Kind::Set { .. }
                | Kind::Comment
                | Kind::Refresh
                | Kind::Other
        )
    }
}

/// The statements in `sql`, and what cannot be read in it.
pub(super) fn read(sql: &str) -> (Vec<Statement>, Vec<String>) {
    let parse = SourceFile::parse(sql);
    let errors = parse.errors().iter().map(|error| error.message().to_owned()).collect();
    let statements = parse
        .tree()
        .stmts()
        .filter(|statement| !matches!(statement, ast::Stmt::EmptyStmt(_)))
        .map(|statement| {
            let node = statement.syntax();
            Statement {
                text: node.text().to_string(),
                start: usize::from(node.text_range().start()),
                concurrently: has_token(node, SyntaxKind::CONCURRENTLY_KW),
                kind: kind(&statement),
            }
        })
        .collect();
    (statements, errors)
}

fn kind(statement: &ast::Stmt) -> Kind {
    match statement {
        ast::Stmt::CreateTable(create) => new_table(create),
        ast::Stmt::AlterTable(alter) => Kind::AlterTable {
            table: qualified(alter.table_relation_name()),
            actions: alter.actions().flat_map(|action| actions(&action)).collect(),
        },
        ast::Stmt::DropTable(drop) => Kind::DropTable {
            tables: drop.table_name_refs().map(|table| qualified(Some(table))).collect(),
        },
        ast::Stmt::CreateIndex(index) => Kind::CreateIndex {
            table: qualified(index.table_relation_name()),
            columns: index.partition_item_list().map_or_else(Vec::new, |list| {
                list.partition_items().filter_map(|item| Some(text(&item.expr()?))).collect()
            }),
            if_not_exists: index.if_not_exists().is_some(),
        },
        ast::Stmt::AlterType(alter) => match alter.action() {
            Some(ast::AlterTypeAction::AddValue(add)) => Kind::AddEnumValue {
                value: add.literal().map(|value| text(&value)).unwrap_or_default(),
            },
            _ => Kind::Define,
        },
        ast::Stmt::Update(update) => Kind::Update {
            table: qualified(update.relation_name()),
            filtered: update.where_clause_or_current_of().is_some(),
        },
        ast::Stmt::Delete(delete) => Kind::Delete {
            table: qualified(delete.relation_name()),
            filtered: delete.where_clause_or_current_of().is_some(),
        },
        ast::Stmt::Lock(lock) => new_lock(lock),
        ast::Stmt::Set(set) => {
            Kind::Set { local: set.set_scope().is_some_and(|scope| says(&scope, "LOCAL")) }
        }
        ast::Stmt::CommentOn(_) => Kind::Comment,
        ast::Stmt::Refresh(_) => Kind::Refresh,
        other => by_first_word(other),
    }
}

fn by_first_word(statement: &ast::Stmt) -> Kind {
    let text = text(statement).to_uppercase();
    match text.split_whitespace().next() {
        Some("CREATE" | "ALTER" | "DROP" | "GRANT" | "REVOKE" | "REINDEX" | "TRUNCATE") => {
            Kind::Define
        }
        _ => Kind::Other,
    }
}

fn new_lock(lock: &ast::Lock) -> Kind {
    let list = lock.relation_list().map(|list| text(&list)).unwrap_or_default();
    let mode = lock.lock_mode_clause().map(|clause| text(&clause).to_uppercase());
    Kind::Lock {
        tables: list.split(',').map(|table| full_name(table.trim())).collect(),
        mode: mode.unwrap_or_else(|| "IN ACCESS EXCLUSIVE MODE".to_owned()),
    }
}

fn new_table(create: &ast::CreateTable) -> Kind {
    let (mut keys, mut foreign_keys) = (Vec::new(), Vec::new());
    for arg in create.table_arg_list().into_iter().flat_map(|list| list.args()) {
        match arg {
            ast::TableArg::TableConstraint(ast::TableConstraint::ForeignKeyConstraint(key)) => {
                foreign_keys.push(columns(&key));
            }
            ast::TableArg::TableConstraint(ast::TableConstraint::PrimaryKeyConstraint(key)) => {
                keys.push(columns(&key));
            }
            ast::TableArg::TableConstraint(ast::TableConstraint::UniqueConstraint(key)) => {
                keys.push(columns(&key));
            }
            ast::TableArg::Column(column) => {
                let name = column.name().map(|name| unquoted(&text(&name))).unwrap_or_default();
                let (is_key, is_foreign) = column_keys(&column);
                keys.extend(is_key.then(|| vec![name.clone()]));
                foreign_keys.extend(is_foreign.then(|| vec![name]));
            }
            ast::TableArg::TableConstraint(_) | ast::TableArg::LikeClause(_) => {}
        }
    }
    let table = create.table_name().map(|name| full_name(&text(&name))).unwrap_or_default();
    Kind::CreateTable { table, keys, foreign_keys }
}

/// Whether the column alone is a key, and whether it is a foreign key.
fn column_keys(column: &ast::Column) -> (bool, bool) {
    let (mut is_key, mut is_foreign) = (false, false);
    for clause in column.clauses() {
        let ast::ColumnClause::ColumnConstraint(constraint) = clause else { continue };
        match constraint {
            ast::ColumnConstraint::ReferencesConstraint(_) => is_foreign = true,
            ast::ColumnConstraint::PrimaryKeyConstraint(_)
            | ast::ColumnConstraint::UniqueConstraint(_) => is_key = true,
            _ => {}
        }
    }
    (is_key, is_foreign)
}

fn actions(action: &ast::AlterTableAction) -> Vec<Action> {
    match action {
        ast::AlterTableAction::AddColumn(add) => {
            let column = add.column_name().map(|name| unquoted(&text(&name))).unwrap_or_default();
            let constraints: Vec<_> = add.constraints().collect();
            let references = constraints
                .iter()
                .any(|constraint| matches!(constraint, ast::Constraint::ReferencesConstraint(_)));
            let keyed = constraints.iter().any(|constraint| {
                matches!(
                    constraint,
                    ast::Constraint::PrimaryKeyConstraint(_) | ast::Constraint::UniqueConstraint(_)
                )
            });
            let key = keyed.then(|| Action::AddKey { columns: vec![column.clone()] });
            key.into_iter().chain([Action::AddColumn { column, references }]).collect()
        }
        ast::AlterTableAction::AddConstraint(add) => vec![match add.constraint() {
            Some(ast::Constraint::ForeignKeyConstraint(key)) => {
                Action::AddForeignKey { columns: columns(&key) }
            }
            Some(ast::Constraint::PrimaryKeyConstraint(key)) => {
                Action::AddKey { columns: columns(&key) }
            }
            Some(ast::Constraint::UniqueConstraint(key)) => {
                Action::AddKey { columns: columns(&key) }
            }
            _ => Action::Other,
        }],
        ast::AlterTableAction::DropColumn(drop) => {
            let column = drop.column_name_ref().map(|name| unquoted(&text(&name)));
            vec![Action::DropColumn { column: column.unwrap_or_default() }]
        }
        ast::AlterTableAction::ValidateConstraint(_) => vec![Action::Validate],
        _ => vec![Action::Other],
    }
}

/// The names in the first parentheses.
fn columns(constraint: &impl ast::AstNode) -> Vec<String> {
    let text = text(constraint);
    let inside = text.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let list = inside.map(|(list, _)| list).unwrap_or_default();
    list.split(',').map(|name| unquoted(name.trim())).collect()
}

/// The table as `schema.table`; one without a schema is taken to be in `public`.
fn qualified(node: Option<impl ast::AstNode>) -> String {
    let text = node.map(|node| text(&node)).unwrap_or_default();
    let only = text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("only "));
    full_name(text[if only { 5 } else { 0 }..].trim_end_matches('*').trim())
}

fn full_name(name: &str) -> String {
    match name.split_once('.') {
        Some((schema, table)) => format!("{}.{}", unquoted(schema), unquoted(table)),
        None => format!("public.{}", unquoted(name)),
    }
}

/// The name as the catalog has it.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(name) => name.replace("\"\"", "\""),
        None => name.to_lowercase(),
    }
}

fn text(node: &impl ast::AstNode) -> String {
    node.syntax().text().to_string().trim().to_owned()
}

fn says(node: &impl ast::AstNode, word: &str) -> bool {
    text(node).eq_ignore_ascii_case(word)
}

fn has_token(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.descendants_with_tokens().any(|element| element.kind() == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sql: &str) -> Statement {
        let (mut statements, errors) = read(sql);
        assert_eq!((statements.len(), errors.len()), (1, 0), "{errors:?}");
        statements.remove(0)
    }

    #[test]
    fn names_are_as_in_the_catalog() {
        assert_eq!(one("ALTER TABLE Users ADD COLUMN x int").table(), Some("public.users"));
        assert_eq!(one("ALTER TABLE ONLY app.\"Users\" DROP COLUMN x").table(), Some("app.Users"));
        assert_eq!(one("UPDATE only users SET x = 1").table(), Some("public.users"));
        assert_eq!(one("DELETE FROM app.users WHERE x").table(), Some("app.users"));
        assert_eq!(one("LOCK TABLE users IN SHARE MODE").table(), Some("public.users"));
    }

    #[test]
    fn keys_are_found_wherever_they_stand() {
        let sql = "CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES x, c int, d int UNIQUE,
            CONSTRAINT k UNIQUE (c, d), CONSTRAINT f FOREIGN KEY (c, \"D\") REFERENCES y (a, b))";
        let Kind::CreateTable { keys, foreign_keys, .. } = one(sql).kind else { panic!("{sql}") };
        assert_eq!(keys, [vec!["a"], vec!["d"], vec!["c", "d"]]);
        assert_eq!(foreign_keys, [vec!["b"], vec!["c", "D"]]);
    }

    #[test]
    fn an_index_has_its_columns() {
        let index = one("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a DESC, lower(b))");
        assert!(index.concurrently);
        let Kind::CreateIndex { columns, if_not_exists, .. } = index.kind else { panic!() };
        assert_eq!(columns, ["a", "lower(b)"]);
        assert!(if_not_exists);
    }

    #[test]
    fn set_is_told_from_set_local() {
        assert!(matches!(one("SET search_path = x").kind, Kind::Set { local: false }));
        assert!(matches!(one("SET LOCAL search_path = x").kind, Kind::Set { local: true }));
        assert!(matches!(one("SET SESSION search_path = x").kind, Kind::Set { local: false }));
    }
}
