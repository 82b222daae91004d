//! What is read before a session has begun: one packet or message at a time, and never a byte more.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The server takes no longer packet either.
const LONGEST_PACKET: usize = 10_000;

/// libpq takes no longer message at this point either: it would not come from a server.
const LONGEST_MESSAGE: usize = 30_000;

/// What a client opens a connection with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// It wants a session: the whole packet.
    Startup(Vec<u8>),
    /// It wants a statement of another session to be cancelled: the whole packet.
    Cancel(Vec<u8>),
    /// It asks whether it may encrypt, by TLS or GSSAPI.
    Encryption,
}

/// A message of the server, as it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) tag: u8,
    /// All of it, with the tag and the length.
    pub(super) bytes: Vec<u8>,
}

/// Reads what a client opens its connection with.
pub(super) async fn opening(source: &mut (impl AsyncRead + Unpin)) -> io::Result<Opening> {
    let length = source.read_u32().await?;
    let size = size(length, 8, LONGEST_PACKET)?;
    let code = source.read_u32().await?;
    let mut packet = [length.to_be_bytes(), code.to_be_bytes()].concat();
    packet.resize(size, 0);
    source.read_exact(&mut packet[8..]).await?;
    match (code >> 16, code & 0xffff, size) {
        (3, _, _) => Ok(Opening::Startup(packet)),
        (1234, 5678, 16..) => Ok(Opening::Cancel(packet)),
        (1234, 5679 | 5680, 8) => Ok(Opening::Encryption),
        _ => Err(invalid("no client begins like that")),
    }
}

/// Reads one message of the server.
pub(super) async fn message(source: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let tag = source.read_u8().await?;
    let length = source.read_u32().await?;
    let size = size(length, 4, LONGEST_MESSAGE)?;
    let mut bytes = [&[tag][..], &length.to_be_bytes()].concat();
    bytes.resize(size + 1, 0);
    source.read_exact(&mut bytes[5..]).await?;
    Ok(Frame { tag, bytes })
}

/// A parameter of a startup packet, such as `user`.
pub(super) fn parameter<'a>(startup: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut texts = startup.get(8..)?.split(|byte| *byte == 0);
    while let (Some(key @ [_, ..]), Some(value)) = (texts.next(), texts.next()) {
        if key == name.as_bytes() {
            return Some(value);
        }
    }
    None
}

fn size(length: u32, shortest: usize, longest: usize) -> io::Result<usize> {
    let size = usize::try_from(length).unwrap_or(usize::MAX);
    let is_possible = (shortest..=longest).contains(&size);
    is_possible.then_some(size).ok_or_else(|| invalid("an impossible length"))
}

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(length: u32, code: u32, rest: &[u8]) -> Vec<u8> {
        [&length.to_be_bytes()[..], &code.to_be_bytes(), rest].concat()
    }

    const STARTUP: u32 = 3 << 16;
    const CANCEL: u32 = 0x04d2_162e;
    const TLS: u32 = 0x04d2_162f;

    async fn opened(bytes: &[u8]) -> Result<Opening, io::ErrorKind> {
        opening(&mut &bytes[..]).await.map_err(|error| error.kind())
    }

    #[tokio::test]
    async fn what_a_client_begins_with_is_read_and_nothing_after_it() {
        let startup = packet(17, STARTUP, b"user\0me\0\0");
        let mut source = &[&startup[..], b"more"].concat()[..];
        assert_eq!(opening(&mut source).await.unwrap(), Opening::Startup(startup));
        assert_eq!(source, b"more");
        assert_eq!(opened(&packet(8, TLS, b"")).await, Ok(Opening::Encryption));
        assert_eq!(opened(&packet(8, TLS + 1, b"")).await, Ok(Opening::Encryption));
        // Since version 3.2 of the protocol, keys are longer than four bytes.
        for key in [4, 32] {
            let cancel = packet(12 + key, CANCEL, &vec![7; key as usize + 4]);
            assert_eq!(opened(&cancel).await, Ok(Opening::Cancel(cancel)));
        }
    }

    #[tokio::test]
    async fn no_client_begins_like_that() {
        for length in [0, 4, 7, 10_001, u32::MAX, 1 << 31] {
            let found = opened(&packet(length, STARTUP, &[0; 64])).await;
            assert_eq!(found, Err(io::ErrorKind::InvalidData), "{length}");
        }
        for code in [0, 2 << 16, 4 << 16, TLS + 2, u32::MAX] {
            let found = opened(&packet(16, code, &[0; 64])).await;
            assert_eq!(found, Err(io::ErrorKind::InvalidData), "{code}");
        }
        assert_eq!(opened(&packet(12, CANCEL, &[0; 64])).await, Err(io::ErrorKind::InvalidData));
        assert_eq!(opened(&packet(12, TLS, &[0; 64])).await, Err(io::ErrorKind::InvalidData));
    }

    #[tokio::test]
    async fn what_is_cut_off_is_an_end_and_no_packet() {
        let whole = packet(17, STARTUP, b"user\0me\0\0");
        for end in 0..whole.len() {
            assert_eq!(opened(&whole[..end]).await, Err(io::ErrorKind::UnexpectedEof), "{end}");
        }
        let whole = [&b"R"[..], &8_u32.to_be_bytes(), &0_u32.to_be_bytes()].concat();
        for end in 0..whole.len() {
            let found = message(&mut &whole[..end]).await.map_err(|error| error.kind());
            assert_eq!(found, Err(io::ErrorKind::UnexpectedEof), "{end}");
        }
        let read = message(&mut &whole[..]).await.unwrap();
        assert_eq!(read, Frame { tag: b'R', bytes: whole });
    }

    #[tokio::test]
    async fn no_memory_is_taken_for_what_no_server_says() {
        for length in [0, 3, 30_001, u32::MAX] {
            let bytes = [&b"R"[..], &length.to_be_bytes(), &[0; 64]].concat();
            let error = message(&mut &bytes[..]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{length}");
        }
    }

    #[test]
    fn a_parameter_is_found_whatever_the_packet_holds() {
        let startup = packet(0, STARTUP, b"database\0user\0user\0m\xffe\0\0");
        assert_eq!(parameter(&startup, "user"), Some(&b"m\xffe"[..]));
        assert_eq!(parameter(&startup, "options"), None);
        for bytes in [&b""[..], b"\0\0\0\x09\0\x03\0\0", b"\0\0\0\x0c\0\x03\0\0user"] {
            assert_eq!(parameter(bytes, "user"), None);
        }
    }
}
