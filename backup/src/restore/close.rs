//! How closely what was restored is compared with the manifest.

use chrono::{DateTime, Utc};
use dbkit::postgres::ServerVersion;

use crate::{Backup, Comparison, dossier};

/// How closely it is compared, and why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Close {
    pub(crate) comparison: Comparison,
    /// When every value was compared before, if that is why the rows are only counted.
    pub(crate) proven_at: Option<DateTime<Utc>>,
}

impl Close {
    /// Value by value.
    pub(crate) const ALL: Self = Self { comparison: Comparison::Content, proven_at: None };

    /// As it was asked for, or else as `backup` needs it on `server`: its bytes are known to be those that
    /// were written, so what a restore makes of them has to be looked at once.
    pub(super) async fn of(
        asked: Option<Comparison>,
        backup: &Backup,
        server: ServerVersion,
    ) -> Self {
        if let Some(comparison) = asked {
            return Self { comparison, proven_at: None };
        }
        // What cannot be read is no proof.
        let dossier = dossier::dossier(backup).await.unwrap_or_default();
        match dossier.restored_on(server) {
            Some(proof) => {
                Self { comparison: Comparison::Counts, proven_at: Some(proof.checked_at) }
            }
            None => Self::ALL,
        }
    }
}
