# `just` lists the recipes; each is one ordinary command that you can also type.

_default:
    @just --list

# Fill a database and show how to log in
seed *arguments:
    cargo run -p seeder -- --env development {{ arguments }}

# All tests; they start and stop their own server
test *arguments:
    cargo test --workspace {{ arguments }}

# The same, faster, where cargo-nextest is installed
nextest *arguments:
    cargo nextest run --workspace {{ arguments }}

# What CI checks besides the tests
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Licences, advisories, sources (needs cargo-deny)
deny:
    cargo deny check

# Everything that CI runs
ci:
    .ci/run
