//! Fills one table, `users`, for `benches/seeding/peers.sh`: with the engine, as a seed of that table
//! alone, or with the same rows by `SeaORM`'s `insert_many`.
//!
//! `DATABASE_URL=… users bulk|live|insert-many ROWS [JOBS]`

use std::{env, error::Error, num::NonZeroUsize};

use chrono::NaiveDate;
use dbkit::{ConnectOptions, DatabaseUrl, Environment, SystemClock, connect};
use entity::{access::user, prelude::User};
use sea_orm::{
    ActiveModelTrait as _, DatabaseConnection, EntityTrait as _, IntoActiveModel as _,
    TransactionTrait as _,
};
use seeder::factories::access;
use seeding_engine::{
    Content, Database, Ending, Existing, Generated, Kind, Options, Seed, Selection, Shard, Space,
    World, run,
};
use uuid::Uuid;

/// The rows of a cell, and of a statement of `insert_many`.
const STRIDE: u64 = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    #[expect(clippy::disallowed_methods, reason = "a program of its own, without settings")]
    let url: DatabaseUrl = env::var("DATABASE_URL")?.parse()?;
    let mut arguments = env::args().skip(1);
    let way = arguments.next().ok_or("bulk, live or insert-many?")?;
    let rows: u64 = arguments.next().ok_or("how many rows?")?.parse()?;
    let jobs = arguments.next().map_or(Ok(NonZeroUsize::MIN), |jobs| jobs.parse())?;
    let connect_options = ConnectOptions::new("bench");
    let pool = connect::connect(&url, &connect_options, &()).await?;
    let database = Database { pool: &pool, url: &url, connect: &connect_options };
    let whole = Shard { index: 1, of: 1 };
    match way.as_str() {
        "insert-many" => insert_many(&pool, rows).await?,
        "live" => load(database, options(rows, jobs, Some(whole))).await?,
        _ => load(database, options(rows, jobs, None)).await?,
    }
    Ok(())
}

/// Loads the seed; a part of a world, be it the whole, goes into the table as it is.
async fn load(database: Database<'_>, options: Options) -> Result<(), Box<dyn Error>> {
    run(database, &[users()], &options, Uuid::from_u128(1), &SystemClock, &()).await?;
    Ok(())
}

fn options(rows: u64, jobs: NonZeroUsize, shard: Option<Shard>) -> Options {
    Options {
        environment: Environment::Development,
        seed: None,
        as_of: Some(world().as_of),
        selection: Selection::default(),
        scale: Some(rows / STRIDE),
        shard,
        jobs,
        existing: Existing::Follow,
        ending: Ending::Commit,
        actor: "bench".to_owned(),
        tool_version: "bench".to_owned(),
        git_revision: None,
    }
}

fn users() -> Seed {
    Seed {
        id: "bench.users",
        description: "users",
        kind: Kind::Volume,
        version: 1,
        environments: Kind::Volume.environments(),
        requires: &[],
        content: Content::tables(|world| {
            let users = access::user(*world);
            let space = Space::new("users/factory");
            vec![Generated::of::<User>(user::Column::Id, space, STRIDE, move |cell| {
                users.build_list(cell * STRIDE..(cell + 1) * STRIDE)
            })]
        }),
    }
}

async fn insert_many(pool: &DatabaseConnection, rows: u64) -> Result<(), Box<dyn Error>> {
    let users = access::user(world());
    let transaction = pool.begin().await?;
    for cell in 0..rows / STRIDE {
        let rows = users.build_list(cell * STRIDE..(cell + 1) * STRIDE);
        let rows = rows.into_iter().map(|user| user.into_active_model().reset_all());
        User::insert_many(rows).exec_without_returning(&transaction).await?;
    }
    Ok(transaction.commit().await?)
}

fn world() -> World {
    World { seed: 42, as_of: NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day of the calendar") }
}
