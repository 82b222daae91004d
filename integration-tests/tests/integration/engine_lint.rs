//! What is checked before a migration runs: headers, lock file, static checks, unsafe DDL.

mod command;
mod history;
mod observed;
mod sizes;
mod ways_down;
