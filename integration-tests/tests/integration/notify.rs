//! Telling somebody elsewhere how a run ended: what is told, and that nothing depends on it.

mod receiver;
mod settings;
mod tls;
mod told;
mod trying;
