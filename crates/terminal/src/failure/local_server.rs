//! What to do when the local server does not start.
