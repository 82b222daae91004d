//! Answering the server's questions about the password.

use bytes::BytesMut;
use postgres_protocol::{
    authentication::{
        md5_hash,
        sasl::{ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256},
    },
    message::{backend::Message, frontend},
};
use tokio::io::AsyncWriteExt as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    access::{Access, Binding},
    frame::{self, Frame},
    refusal::Refusal,
    upstream::Line,
};

/// How many messages there may be until the session begins; SCRAM has four.
const MESSAGES: usize = 16;

/// A conversation about who the client is.
struct Conversation<'a> {
    line: &'a mut Line,
    startup: &'a [u8],
    access: &'a Access,
    scram: Scram,
    has_asked: bool,
}

/// How far a proof of both sides has come.
enum Scram {
    None,
    Begun(Box<ScramSha256>),
    /// The server has proven that it knows the password.
    Proven,
}

/// Proves to the server that the client may have the session that it has asked for.
///
/// Returns what the client is to be told: that it is in, and before that which version of the protocol
/// it gets, if not the one it wanted.
pub(super) async fn authenticate(
    line: &mut Line,
    startup: &[u8],
    access: &Access,
) -> Result<Vec<u8>, Refusal> {
    let scram = Scram::None;
    let mut conversation = Conversation { line, startup, access, scram, has_asked: false };
    let mut greeting = Vec::new();
    for _ in 0..MESSAGES {
        let Frame { tag, bytes } = conversation.hear().await?;
        match tag {
            b'E' => return Err(Refusal::of_server(bytes, conversation.has_asked)),
            // The version of the protocol is a matter between the server and the client.
            b'v' => greeting.extend(bytes),
            b'R' if conversation.answer(&bytes).await? => {
                greeting.extend(bytes);
                return Ok(greeting);
            }
            b'R' => conversation.has_asked = true,
            _ => return Err(Refusal::protocol("the server does not ask who is there")),
        }
    }
    Err(Refusal::protocol("the server does not stop asking who is there"))
}

impl Conversation<'_> {
    async fn hear(&mut self) -> Result<Frame, Refusal> {
        let heard = frame::message(&mut self.line.stream).await;
        heard.map_err(|error| {
            let reason = format!("the server's answer was lost: {error}");
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            if inner.is_none() {
                return Refusal::protocol(reason);
            }
            // Only now has the server looked at the client's certificate, or seen that there is none.
            Refusal { other_way: false, ..Refusal::encryption(reason) }
        })
    }

    /// Answers one question; whether it was none any more, and the session has begun.
    async fn answer(&mut self, question: &[u8]) -> Result<bool, Refusal> {
        let parsed = Message::parse(&mut BytesMut::from(question));
        // Large enough never to move, which would leave a copy behind.
        let mut answer = BytesMut::with_capacity(self.access.password.expose().len() + 1024);
        match parsed
            .map_err(Refusal::protocol)?
            .ok_or_else(|| Refusal::protocol("half a message"))?
        {
            Message::AuthenticationOk => return self.check_end().map(|()| true),
            Message::AuthenticationCleartextPassword => {
                self.require("password")?;
                write(self.access.password.expose().as_bytes(), &mut answer)?;
            }
            Message::AuthenticationMd5Password(body) => {
                self.require("md5")?;
                let hash = Zeroizing::new(self.md5(body.salt()));
                write(hash.as_bytes(), &mut answer)?;
            }
            Message::AuthenticationSasl(_) => self.begin(question, &mut answer)?,
            Message::AuthenticationSaslContinue(body) => self.go_on(body.data(), &mut answer)?,
            Message::AuthenticationSaslFinal(body) => return self.check_server(body.data()),
            _ => return Err(Refusal::authentication("the server asks for more than a password")),
        }
        let sent = self.send(&answer).await;
        answer.as_mut().zeroize();
        sent.map(|()| false)
    }

    async fn send(&mut self, answer: &[u8]) -> Result<(), Refusal> {
        let lost = |error| Refusal::protocol(format!("the server hangs up: {error}"));
        self.line.stream.write_all(answer).await.map_err(lost)?;
        self.line.stream.flush().await.map_err(lost)
    }

    fn md5(&self, salt: [u8; 4]) -> String {
        let user = frame::parameter(self.startup, "user").unwrap_or_default();
        md5_hash(user, self.access.password.expose().as_bytes(), salt)
    }

    /// Refuses what `require_auth` does not allow.
    fn require(&self, method: &str) -> Result<(), Refusal> {
        if !self.access.methods.allow(method) {
            let reason = format!("the server asks for {method}, which require_auth does not allow");
            return Err(Refusal::authentication(reason));
        }
        // Only SCRAM can be bound to a certificate.
        if self.access.binding == Binding::Require && method != SCRAM {
            return Err(Refusal::authentication(UNBOUND));
        }
        Ok(())
    }

    /// Chooses among the mechanisms that the server offers.
    fn begin(&mut self, question: &[u8], answer: &mut BytesMut) -> Result<(), Refusal> {
        self.require(SCRAM)?;
        // After the tag, the length and the kind of question.
        let offered = question.get(9..).unwrap_or_default();
        let offers = |name: &str| offered.split(|byte| *byte == 0).any(|o| o == name.as_bytes());
        let end_point = self.line.end_point.clone();
        let end_point = end_point.filter(|_| self.access.binding != Binding::Disable);
        let (mechanism, binding) = match end_point {
            Some(hash) if offers(SCRAM_SHA_256_PLUS) => {
                (SCRAM_SHA_256_PLUS, ChannelBinding::tls_server_end_point(hash))
            }
            // The server then notices if somebody in between has kept its offer from us.
            Some(_) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
            None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
        };
        if mechanism == SCRAM_SHA_256 && self.access.binding == Binding::Require {
            return Err(Refusal::authentication(UNBOUND));
        }
        if !offers(mechanism) {
            return Err(Refusal::authentication("the server knows no mechanism that we know"));
        }
        let scram = ScramSha256::new(self.access.password.expose().as_bytes(), binding);
        frontend::sasl_initial_response(mechanism, scram.message(), answer)
            .map_err(Refusal::protocol)?;
        self.scram = Scram::Begun(Box::new(scram));
        Ok(())
    }

    fn go_on(&mut self, data: &[u8], answer: &mut BytesMut) -> Result<(), Refusal> {
        let Scram::Begun(scram) = &mut self.scram else {
            return Err(Refusal::protocol("the server goes on with what has not begun"));
        };
        scram.update(data).map_err(Refusal::authentication)?;
        frontend::sasl_response(scram.message(), answer).map_err(Refusal::protocol)
    }

    fn check_server(&mut self, data: &[u8]) -> Result<bool, Refusal> {
        let Scram::Begun(scram) = &mut self.scram else {
            return Err(Refusal::protocol("the server proves what nobody has asked for"));
        };
        scram.finish(data).map_err(Refusal::authentication)?;
        self.scram = Scram::Proven;
        Ok(false)
    }

    /// The server has no more questions; whether we have.
    fn check_end(&self) -> Result<(), Refusal> {
        match self.scram {
            Scram::Begun(_) => {
                Err(Refusal::authentication("the server has not proven that it knows the password"))
            }
            Scram::Proven => Ok(()),
            Scram::None if self.has_asked => Ok(()),
            Scram::None => self.require("none"),
        }
    }
}

const SCRAM: &str = "scram-sha-256";
const UNBOUND: &str = "channel binding is required, and cannot be had";

fn write(password: &[u8], answer: &mut BytesMut) -> Result<(), Refusal> {
    frontend::password_message(password, answer).map_err(Refusal::authentication)
}
