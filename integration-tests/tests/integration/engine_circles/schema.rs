//! Departments with a head, and staff who belong to one and may have a mentor.

pub(super) const TABLES: &str = "
CREATE TABLE departments (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    head_id uuid
);
CREATE TABLE staff (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    department_id uuid NOT NULL REFERENCES departments (id),
    mentor_id uuid REFERENCES staff (id)
);
ALTER TABLE departments
    ADD CONSTRAINT departments_head_id_fkey FOREIGN KEY (head_id) REFERENCES staff (id);
CREATE INDEX departments_head_id_idx ON departments (head_id);
CREATE INDEX staff_department_id_idx ON staff (department_id);
CREATE INDEX staff_mentor_id_idx ON staff (mentor_id)";

pub(super) mod department {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "departments")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Text", unique)]
        pub name: String,
        pub head_id: Option<Uuid>,
        #[sea_orm(belongs_to, relation_enum = "Head", from = "head_id", to = "id")]
        pub head: BelongsTo<Option<super::member::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod member {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "staff")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub department_id: Uuid,
        pub mentor_id: Option<Uuid>,
        #[sea_orm(belongs_to, relation_enum = "Department", from = "department_id", to = "id")]
        pub department: BelongsTo<super::department::Entity>,
        #[sea_orm(self_ref, relation_enum = "Mentor", from = "mentor_id", to = "id")]
        pub mentor: BelongsTo<Option<Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
