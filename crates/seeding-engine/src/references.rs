//! What the rows of a table refer to, as its entity says.

use sea_orm::{ColumnTrait as _, EntityTrait, IdenStatic, Iterable as _, RelationTrait as _};

/// A foreign key of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The columns that refer.
    pub(crate) columns: Vec<&'static str>,
    /// The table that they refer to.
    pub(crate) to: String,
    /// Whether all of the columns may be null.
    pub(crate) is_nullable: bool,
}

/// The foreign keys of `E`'s table, in the order of its relations.
pub(crate) fn of<E: EntityTrait>() -> Vec<Reference> {
    let definitions = E::Relation::iter().map(|relation| relation.def());
    let own = definitions.filter(|definition| !definition.is_owner && !definition.skip_fk);
    own.map(|definition| {
        let names: Vec<String> = definition.from_col.iter().map(ToString::to_string).collect();
        let columns: Vec<E::Column> = E::Column::iter()
            .filter(|column| names.iter().any(|name| name == column.as_str()))
            .collect();
        Reference {
            is_nullable: columns.iter().all(|column| column.def().is_null()),
            columns: columns.iter().map(IdenStatic::as_str).collect(),
            to: definition.to_tbl.sea_orm_table().to_string(),
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use sea_orm::entity::prelude::*;

    use super::*;

    mod team {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "teams")]
        pub(super) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            #[sea_orm(has_many)]
            pub players: HasMany<super::player::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    mod player {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "players")]
        pub(super) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            pub team_id: Uuid,
            pub mentor_id: Option<Uuid>,
            #[sea_orm(belongs_to, from = "team_id", to = "id")]
            pub team: BelongsTo<super::team::Entity>,
            #[sea_orm(self_ref, relation_enum = "Mentor", from = "mentor_id", to = "id")]
            pub mentor: BelongsTo<Option<Entity>>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    #[test]
    fn the_side_that_has_the_column_refers() {
        assert_eq!(of::<team::Entity>(), []);
        let reference = |column, to: &str, is_nullable| Reference {
            columns: vec![column],
            to: to.to_owned(),
            is_nullable,
        };
        assert_eq!(
            of::<player::Entity>(),
            [reference("team_id", "teams", false), reference("mentor_id", "players", true)]
        );
    }

    #[test]
    fn an_entity_without_relations_refers_to_nothing() {
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "notes")]
        pub(super) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub(super) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}

        assert_eq!(of::<Entity>(), []);
    }
}
