//! The passwords that a run gives to new accounts, and how a person learns them.

use rand::{Rng as _, RngExt as _};
use seeder::{
    Password, Settings, SystemPasswords,
    personas::PERSONAS,
    system::{self, SystemUser},
};
use serde::Serialize;
use terminal::{Context, Exit, Failure, Opened};

/// The personas' password on a developer's own machine, where nobody else can use it.
const LOCAL_PERSONA_PASSWORD: &str = "seaworthy-demo";

/// Without the letters and digits that people confuse.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// How many characters a generated password has: more than 100 bits.
const LENGTH: usize = 20;

/// The settings of the seeds, with the passwords for accounts that are created.
pub(super) struct Credentials {
    pub(super) settings: Settings,
    new_system_users: Vec<SystemUser>,
    generated: bool,
    persona: PersonaPassword,
}

enum PersonaPassword {
    /// Everybody on this machine may know it.
    Local,
    /// The team has set it, so it need not be shown.
    Set,
    /// It is known only to whoever sees this run's answer.
    Generated,
}

/// How to log in as somebody.
#[derive(Serialize)]
pub(super) struct LogIn {
    pub(super) email: String,
    pub(super) role: String,
    pub(super) password: Option<String>,
}

impl Credentials {
    /// The settings without passwords, to look at seeds.
    pub(super) fn none(context: &Context) -> Self {
        let domain = context.settings.text("SEED_DOMAIN").unwrap_or(Settings::DEFAULT_DOMAIN);
        // The generated users' rows depend on it, so whoever looks at rows must have it, too.
        let volume_password = context.settings.text("SEED_VOLUME_PASSWORD").map(Password::new);
        let settings =
            Settings { domain: domain.to_owned(), volume_password, ..Settings::default() };
        let persona = PersonaPassword::Set;
        Self { settings, new_system_users: Vec::new(), generated: false, persona }
    }

    /// Settles the passwords: what the team has set, else generated ones.
    pub(super) async fn settle(context: &Context, opened: &Opened) -> Result<Self, Failure> {
        let mut credentials = Self::none(context);
        let settings = &mut credentials.settings;
        if settings.domain.contains(|c: char| c == '@' || c.is_whitespace()) {
            let message = format!("SEED_DOMAIN `{}` is no e-mail domain", settings.domain);
            return Err(Failure::message(Exit::Usage, "settings.seed_domain", message)
                .hint("set the part behind the `@`, for example `school.example`"));
        }
        rand::rng().fill_bytes(&mut settings.salt);
        let set = context.settings.text("SEED_SYSTEM_PASSWORD").map(Password::new);
        credentials.generated = set.is_none();
        let system = || Some(set.clone().unwrap_or_else(generate));
        settings.system_passwords =
            SystemPasswords { superadmin: system(), admin: system(), principal: system() };
        let (persona, password) = match context.settings.text("SEED_PERSONA_PASSWORD") {
            Some(password) => (PersonaPassword::Set, Password::new(password)),
            None if opened.target.local => {
                (PersonaPassword::Local, Password::new(LOCAL_PERSONA_PASSWORD))
            }
            None => (PersonaPassword::Generated, generate()),
        };
        settings.persona_password = Some(password);
        credentials.persona = persona;
        credentials.new_system_users =
            system::missing(&opened.db).await.map_err(Failure::database)?;
        Ok(credentials)
    }

    /// How to log in as the system users that this run has created.
    pub(super) fn system_users(&self) -> Vec<LogIn> {
        let passwords = &self.settings.system_passwords;
        let log_in = |user: &SystemUser| {
            let password = match user.name {
                "superadmin" => &passwords.superadmin,
                "admin" => &passwords.admin,
                _ => &passwords.principal,
            };
            LogIn {
                email: user.email(&self.settings.domain),
                role: user.role.to_owned(),
                password: password.as_ref().filter(|_| self.generated).map(revealed),
            }
        };
        self.new_system_users.iter().map(log_in).collect()
    }

    /// How to log in as the personas; `created` says whether this run has made them.
    pub(super) fn personas(&self, created: bool) -> Vec<LogIn> {
        let password = self.settings.persona_password.as_ref().filter(|_| match self.persona {
            PersonaPassword::Local => true,
            PersonaPassword::Set => false,
            PersonaPassword::Generated => created,
        });
        let able = PERSONAS.iter().filter(|persona| persona.can_log_in());
        able.map(|persona| LogIn {
            email: persona.email(),
            role: persona.role.unwrap_or("no role").to_owned(),
            password: password.map(revealed),
        })
        .collect()
    }
}

fn revealed(password: &Password) -> String {
    password.reveal().to_owned()
}

fn generate() -> Password {
    let mut rng = rand::rng();
    let character = || char::from(ALPHABET[rng.random_range(..ALPHABET.len())]);
    Password::new(std::iter::repeat_with(character).take(LENGTH).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_password_is_long_and_never_the_same() {
        let (one, other) = (generate(), generate());
        assert_eq!(one.reveal().len(), LENGTH);
        assert!(one != other);
    }
}
