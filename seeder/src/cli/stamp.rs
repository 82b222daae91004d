//! `seeder stamp`: what the database says that it is.

use dbkit::stamp;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, Origin};

#[derive(Serialize)]
struct Stamped {
    database: String,
    environment: Option<String>,
    now: bool,
}

/// Shows the stamp; stamps a database that has none, where the environment is said.
pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let opened = context.open_to_write(context.locate().await?).await?;
    let database = opened.place();
    let said = *context.settings.environment_origin() != Origin::Default;
    if opened.target.stamp.is_some() || !said {
        let environment = opened.target.stamp.map(|stamp| stamp.to_string());
        return context.answer(&Stamped { database, environment, now: false });
    }
    let environment = opened.target.environment;
    context
        .audited(&opened.db, "stamp", async || {
            stamp::install(&opened.db).await.map_err(Failure::database)?;
            stamp::write(&opened.db, environment).await.map_err(Failure::database)
        })
        .await?;
    context.answer(&Stamped { database, environment: Some(environment.to_string()), now: true })
}

impl Answer for Stamped {
    const SCHEMA: &'static str = "seaworthy/seeder.stamp/1";

    fn text(&self) -> String {
        let database = &self.database;
        match (&self.environment, self.now) {
            (Some(environment), true) => format!("{database} is {environment} from now on"),
            (Some(environment), false) => format!("{database} is {environment}"),
            (None, _) => format!("{database} has no stamp; `--env NAME` gives it one"),
        }
    }
}
