//! Holds a profile against a database: what is missing in it, what does not fit, and what is to be done.
//!
//! Nothing here asks the server. A column that nobody has classified is a problem, and whoever copies
//! must not begin while there is one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use dbkit::Identifier;

use super::{
    catalog::Catalog,
    class::Class,
    name::{ClassifiedTable, ColumnName},
    profile::{LargeObjectsRule, Profile, Rule},
    pseudonym::{Group, Reason, pseudonym},
};

/// What is wrong between a profile and a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nobody has said what a column holds.
    Unclassified(ColumnName),
    /// There are large objects, and nobody has said what becomes of them.
    LargeObjects(i64),
    /// A class does not fit its column.
    Unfit {
        /// The column.
        column: ColumnName,
        /// What it is said to be.
        class: Class,
        /// Why it cannot be that.
        reason: Reason,
    },
    /// A column is said to be something else than the one that it refers to.
    Contradiction {
        /// The column.
        column: ColumnName,
        /// What it is said to be.
        class: Class,
        /// The column that it refers to.
        refers_to: ColumnName,
        /// What that one is.
        its_class: Class,
    },
    /// A column refers to a table whose rows stay behind.
    RefersToEmpty {
        /// The column.
        column: ColumnName,
        /// The table.
        table: ClassifiedTable,
    },
    /// The profile speaks of something that is not there.
    Vanished(String),
}

impl Problem {
    /// Whether no copy can be made: what has merely vanished can leak nothing.
    pub const fn blocks(&self) -> bool {
        !matches!(self, Self::Vanished(_))
    }

    /// A word for scripts.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unclassified(_) | Self::LargeObjects(_) => "unclassified",
            Self::Unfit { .. } => "unfit",
            Self::Contradiction { .. } => "contradiction",
            Self::RefersToEmpty { .. } => "refers-to-empty",
            Self::Vanished(_) => "vanished",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclassified(column) => write!(f, "{column} is not classified"),
            Self::LargeObjects(count) => {
                write!(f, "the {count} large objects are not classified (`large-objects`)")
            }
            Self::Unfit { column, class, reason } => {
                write!(f, "{column} cannot be `{class}`: {reason}")
            }
            Self::Contradiction { column, class, refers_to, its_class } => write!(
                f,
                "{column} cannot be `{class}`: it refers to {refers_to}, which is `{its_class}`"
            ),
            Self::RefersToEmpty { column, table } => {
                write!(f, "{column} refers to {table}, whose rows stay behind")
            }
            Self::Vanished(name) => write!(f, "{name} is in the profile, but not in the database"),
        }
    }
}

/// What is to be done to make a sanitised copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) updates: Vec<Update>,
    /// Tables whose rows stay behind.
    pub(super) left_out: Vec<ClassifiedTable>,
    pub(super) with_large_objects: bool,
}

/// A table of which columns change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Update {
    pub(super) table: ClassifiedTable,
    pub(super) columns: Vec<String>,
    pub(super) sql: String,
}

/// Holds `profile` against `catalog`.
pub(super) fn judge(profile: &Profile, catalog: &Catalog) -> (Plan, Vec<Problem>) {
    let judge = Judge { profile, catalog, groups: groups(catalog) };
    let mut problems = Vec::new();
    let classes = judge.classes();
    judge.find_unclassified(&classes, &mut problems);
    judge.find_contradictions(&classes, &mut problems);
    judge.find_vanished(&mut problems);
    let updates = judge.updates(&classes, &mut problems);
    let with_large_objects = profile.large_objects == Some(LargeObjectsRule::Keep);
    (Plan { updates, left_out: judge.left_out(), with_large_objects }, problems)
}

type Classes = BTreeMap<ColumnName, Class>;

struct Judge<'a> {
    profile: &'a Profile,
    catalog: &'a Catalog,
    groups: BTreeMap<ColumnName, Group>,
}

/// Columns that refer to each other share what is true of one of them.
fn groups(catalog: &Catalog) -> BTreeMap<ColumnName, Group> {
    let own = catalog.columns().map(|(name, column)| (name, Group::of(column)));
    let mut groups: BTreeMap<_, _> = own.collect();
    let mut changed = true;
    while changed {
        changed = false;
        for reference in &catalog.references {
            let (from, to) = (groups.get(&reference.from), groups.get(&reference.to));
            let (Some(from), Some(to)) = (from, to) else { continue };
            let both = from.joined(*to);
            for name in [&reference.from, &reference.to] {
                changed |= groups.insert(name.clone(), both) != Some(both);
            }
        }
    }
    groups
}

impl Judge<'_> {
    fn is_emptied(&self, table: &ClassifiedTable) -> bool {
        self.profile.tables.get(table) == Some(&Rule::Empty)
    }

    fn declared(&self, name: &ColumnName) -> Option<Class> {
        match self.profile.tables.get(&name.table)? {
            Rule::Columns(classes) => classes.get(&name.column).copied(),
            Rule::Empty => None,
        }
    }

    /// What every column is: what the profile says, else what the one is that it refers to.
    fn classes(&self) -> Classes {
        let declared = |(name, _)| self.declared(&name).map(|class| (name, class));
        let mut classes: Classes = self.catalog.columns().filter_map(declared).collect();
        let mut changed = true;
        while changed {
            changed = false;
            for reference in &self.catalog.references {
                if let Some(class) = classes.get(&reference.to).copied()
                    && !classes.contains_key(&reference.from)
                {
                    classes.insert(reference.from.clone(), class);
                    changed = true;
                }
            }
        }
        classes
    }

    fn find_unclassified(&self, classes: &Classes, problems: &mut Vec<Problem>) {
        for (name, column) in self.catalog.columns() {
            let needs_class = !column.generated && !self.is_emptied(&name.table);
            if needs_class && !classes.contains_key(&name) {
                problems.push(Problem::Unclassified(name));
            }
        }
        let count = self.catalog.large_objects;
        if count > 0 && self.profile.large_objects.is_none() {
            problems.push(Problem::LargeObjects(count));
        }
    }

    fn find_contradictions(&self, classes: &Classes, problems: &mut Vec<Problem>) {
        for reference in &self.catalog.references {
            let (column, refers_to) = (reference.from.clone(), reference.to.clone());
            match (self.is_emptied(&column.table), self.is_emptied(&refers_to.table)) {
                (true, _) => continue,
                (false, true) => {
                    problems.push(Problem::RefersToEmpty { column, table: refers_to.table });
                    continue;
                }
                (false, false) => {}
            }
            if let (Some(&class), Some(&its_class)) =
                (classes.get(&column), classes.get(&refers_to))
                && class != its_class
            {
                problems.push(Problem::Contradiction { column, class, refers_to, its_class });
            }
        }
    }

    fn find_vanished(&self, problems: &mut Vec<Problem>) {
        for (name, rule) in &self.profile.tables {
            let Some(table) = self.catalog.tables.get(name) else {
                problems.push(Problem::Vanished(name.to_string()));
                continue;
            };
            let Rule::Columns(classes) = rule else { continue };
            let there: BTreeSet<_> = table.columns.iter().map(|column| &column.name).collect();
            let gone = classes.keys().filter(|column| !there.contains(column));
            problems.extend(gone.map(|column| Problem::Vanished(name.column(column).to_string())));
        }
    }

    fn updates(&self, classes: &Classes, problems: &mut Vec<Problem>) -> Vec<Update> {
        let mut updates = Vec::new();
        for (name, table) in &self.catalog.tables {
            if self.is_emptied(name) {
                continue;
            }
            let mut changes = Vec::new();
            for column in &table.columns {
                let full_name = name.column(&column.name);
                let Some(&class) = classes.get(&full_name) else { continue };
                let group = self.groups.get(&full_name).copied().unwrap_or_default();
                match pseudonym(class, column, group) {
                    Ok(Some(sql)) => changes.push((column.name.clone(), sql)),
                    Ok(None) => {}
                    Err(reason) => {
                        problems.push(Problem::Unfit { column: full_name, class, reason });
                    }
                }
            }
            if !changes.is_empty() {
                updates.push(Update::new(name, table.partitioned, &changes));
            }
        }
        updates
    }

    fn left_out(&self) -> Vec<ClassifiedTable> {
        let emptied = self.catalog.tables.keys().filter(|name| self.is_emptied(name)).cloned();
        let partitions = self.catalog.partitions.iter();
        let parts =
            partitions.filter(|part| self.is_emptied(&part.of)).map(|part| part.name.clone());
        self.catalog.others.iter().cloned().chain(emptied).chain(parts).collect()
    }
}

impl Update {
    fn new(table: &ClassifiedTable, partitioned: bool, changes: &[(String, String)]) -> Self {
        let set: Vec<_> =
            changes.iter().map(|(name, sql)| format!("{} = {sql}", Identifier(name))).collect();
        let any: Vec<_> =
            changes.iter().map(|(name, _)| format!("t.{} IS NOT NULL", Identifier(name))).collect();
        // The rows of a partitioned table are those of its partitions; a table that merely inherits
        // is one of its own.
        let only = if partitioned { "" } else { "ONLY " };
        let sql = format!(
            "UPDATE {only}{} AS t SET {} FROM pg_temp.sanitising_key AS k WHERE {}",
            table.quoted(),
            set.join(", "),
            any.join(" OR "),
        );
        let columns = changes.iter().map(|(name, _)| name.clone()).collect();
        Self { table: table.clone(), columns, sql }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::catalog::{Column, Holds, Reference, Table, tests::column},
        *,
    };

    /// Users with a natural key that sessions and themselves refer to.
    fn catalog() -> Catalog {
        let text = |name| column(name, "text", Holds::Text);
        let users = ClassifiedTable::new("public", "users");
        let sessions = ClassifiedTable::new("public", "sessions");
        let table = |columns| Table { partitioned: false, columns };
        let email = Column { unique: true, primary: true, ..text("email") };
        let reference = |from: ColumnName| Reference { from, to: users.column("email") };
        Catalog {
            references: vec![
                reference(sessions.column("user_email")),
                reference(users.column("invited_by")),
            ],
            tables: BTreeMap::from([
                (users.clone(), table(vec![email, text("invited_by"), text("note")])),
                (sessions, table(vec![text("user_email"), text("token")])),
            ]),
            ..Catalog::default()
        }
    }

    fn problems(profile: &str) -> Vec<String> {
        let profile = Profile::parse(profile).unwrap();
        judge(&profile, &catalog()).1.iter().map(ToString::to_string).collect()
    }

    const WHOLE: &str = "[public.users]\nemail = \"personal:email\"\nnote = \"free-text\"\n\
                         [public.sessions]\ntoken = \"secret\"\n";

    #[test]
    fn a_column_is_what_it_refers_to() {
        let profile = Profile::parse(WHOLE).unwrap();
        let (plan, problems) = judge(&profile, &catalog());
        assert_eq!(problems, []);
        assert_eq!(plan.updates.len(), 2);
        let sessions = &plan.updates[0];
        assert_eq!(sessions.columns, ["user_email", "token"]);
        assert!(sessions.sql.contains("pg_temp.email(t.\"user_email\"::text"), "{}", sessions.sql);
        assert_eq!(plan.updates[1].columns, ["email", "invited_by", "note"]);
    }

    #[test]
    fn everything_that_is_not_classified_is_listed() {
        assert_eq!(
            problems(""),
            [
                "public.sessions.user_email is not classified",
                "public.sessions.token is not classified",
                "public.users.email is not classified",
                "public.users.invited_by is not classified",
                "public.users.note is not classified",
            ]
        );
    }

    #[test]
    fn a_reference_cannot_be_something_else() {
        assert_eq!(
            problems(&format!("{WHOLE}user_email = \"keep\"\n")),
            [
                "public.sessions.user_email cannot be `keep`: it refers to public.users.email, which \
              is `personal:email`"
            ]
        );
    }

    #[test]
    fn a_key_cannot_be_a_secret() {
        let said = problems(&WHOLE.replace("personal:email", "secret"));
        assert!(
            said.contains(
                &"public.users.email cannot be `secret`: it is a key, whose values must stay different"
                    .to_owned()
            ),
            "{said:?}"
        );
    }

    #[test]
    fn what_is_referred_to_cannot_stay_behind_alone() {
        let profile = "[public]\nusers = \"empty\"\n[public.sessions]\ntoken = \"secret\"\n\
                       user_email = \"keep\"\n";
        assert_eq!(
            problems(profile),
            ["public.sessions.user_email refers to public.users, whose rows stay behind"]
        );
        assert_eq!(problems("[public]\nusers = \"empty\"\nsessions = \"empty\""), [""; 0]);
    }

    #[test]
    fn what_has_vanished_is_told_and_blocks_nothing() {
        let profile = format!("{WHOLE}gone = \"keep\"\n[public.old]\nx = \"keep\"\n");
        let (_, problems) = judge(&Profile::parse(&profile).unwrap(), &catalog());
        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "public.old is in the profile, but not in the database",
                "public.sessions.gone is in the profile, but not in the database",
            ]
        );
        assert!(!problems.iter().any(Problem::blocks));
    }

    #[test]
    fn large_objects_must_be_spoken_of() {
        let catalog = Catalog { large_objects: 3, ..Catalog::default() };
        let judged = |text| judge(&Profile::parse(text).unwrap(), &catalog);
        assert_eq!(judged("").1, [Problem::LargeObjects(3)]);
        let (plan, problems) = judged("large-objects = \"empty\"");
        assert_eq!((plan.with_large_objects, problems), (false, Vec::new()));
    }
}
