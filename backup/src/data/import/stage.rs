//! The file's rows beside the tables, in temporary ones that are gone with the transaction.

use std::io::BufRead;

use dbkit::Report;

use super::{
    error::{ImportError, failed, unreadable},
    target::Target,
};
use crate::data::{
    Checked, DataEvent, FileError,
    event::is_milestone,
    reader::{Line, Reader},
    relations,
    session::Session,
};

/// How many bytes are sent at a time.
const PIECE: usize = 64 << 10;

/// The temporary table for the rows of the table at `place`, as SQL names it.
pub(super) fn name(place: usize) -> String {
    format!("pg_temp.seaworthy_data_{place}")
}

/// Reads the file once more and sends its rows. It must be the one that was checked.
pub(super) async fn fill(
    session: &mut Session,
    checked: &Checked,
    targets: &[Target<'_>],
    report: &dyn Report<DataEvent>,
) -> Result<(), ImportError> {
    let mut reader = checked.file.reader()?;
    if *reader.header() != checked.header {
        return Err(FileError::Changed.into());
    }
    loop {
        let place = match reader.next()? {
            Line::Table(place) => place,
            Line::Trailer(trailer) if trailer == checked.trailer => return Ok(()),
            Line::Trailer(_) | Line::Row(_) | Line::End => return Err(FileError::Changed.into()),
        };
        let rows = checked.tables[place].rows;
        create(session, &targets[place], place).await?;
        send(session, &mut reader, (&targets[place], place, rows), report).await?;
        let analyze = format!("ANALYZE {}", name(place));
        session.execute(&analyze).await.map_err(failed("look at the rows that were sent"))?;
    }
}

/// With the types, and so the collations, of the table itself.
async fn create(
    session: &mut Session,
    target: &Target<'_>,
    place: usize,
) -> Result<(), ImportError> {
    let sql = format!(
        "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} AS t WITH NO DATA",
        name(place),
        relations::list("t.", &target.table.columns),
        target.relation.only(),
    );
    session.execute(&sql).await.map_err(failed("make a temporary table"))
}

async fn send(
    session: &mut Session,
    reader: &mut Reader<impl BufRead>,
    (target, place, of): (&Target<'_>, usize, u64),
    report: &dyn Report<DataEvent>,
) -> Result<(), ImportError> {
    let title = target.table.to_string();
    let sent = |rows| report.report(&DataEvent::Sending { table: title.clone(), rows, of });
    let broken = |error| unreadable(&title, error);
    sent(0);
    let sql = format!("COPY {} FROM STDIN", name(place));
    let mut copy = session.copy_in(&sql).await.map_err(broken)?;
    let (mut piece, mut rows) = (Vec::with_capacity(2 * PIECE), 0);
    loop {
        match reader.next()? {
            Line::Row(line) => {
                piece.extend_from_slice(line);
                piece.push(b'\n');
            }
            Line::End => break,
            Line::Table(_) | Line::Trailer(_) => return Err(FileError::Changed.into()),
        }
        rows += 1;
        if is_milestone(rows) {
            sent(rows);
        }
        if piece.len() >= PIECE {
            copy.send(&piece[..]).await.map_err(broken)?;
            piece.clear();
        }
    }
    copy.send(&piece[..]).await.map_err(broken)?;
    copy.finish().await.map(drop).map_err(broken)
}
