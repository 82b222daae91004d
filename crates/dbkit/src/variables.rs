//! A database URL in the variables of libpq, for its programs.

use crate::DatabaseUrl;

/// What the URL may say of a connection, in the spellings that the driver knows, and what libpq
/// calls it.
const PARAMETERS: [(&str, &str); 13] = [
    ("hostaddr", "PGHOSTADDR"),
    ("options", "PGOPTIONS"),
    ("sslmode", "PGSSLMODE"),
    ("ssl-mode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("ssl-root-cert", "PGSSLROOTCERT"),
    ("ssl-ca", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("ssl-cert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("ssl-key", "PGSSLKEY"),
    ("sslcrl", "PGSSLCRL"),
    ("channel_binding", "PGCHANNELBINDING"),
];

/// What libpq's programs are told of a URL: where to connect and how, but neither as whom nor with
/// which password.
pub fn variables(url: &DatabaseUrl) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("PGHOST", url.host().trim_matches(['[', ']']).to_owned()),
        ("PGPORT", url.port().to_string()),
        ("PGDATABASE", url.database()),
    ];
    let given = |(name, variable)| Some((variable, url.parameter(name)?));
    variables.extend(PARAMETERS.into_iter().filter_map(given));
    variables
}
