#!/usr/bin/env bash
# `migration status` and an `up` with nothing to do, against stock sea-orm-migration with the same migrations and, where
# `sqlx` is on the PATH, against sqlx-cli with as many. In turn; prints the medians of the whole processes and
# what ours is of each. Needs psql.
# Usage: BENCH_URL=postgres://…/postgres benches/migration/peers.sh [ROUNDS]     (default 40)
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-40}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --release -p migration -p seeder
folder=$(mktemp -d)
url=${BENCH_URL:-$("$CARGO_TARGET_DIR/release/seeder" db url)}
base=${url%%\?*}
ours=bench_ours_$$ theirs=bench_sqlx_$$
psql -q "$url" -c "CREATE DATABASE $ours" -c "CREATE DATABASE $theirs"
trap 'psql -q "$url" -c "DROP DATABASE $ours WITH (FORCE)" -c "DROP DATABASE $theirs WITH (FORCE)"; rm -rf "$folder"' EXIT

mkdir -p "$folder/stock/src" "$folder/migrations"
cat >"$folder/stock/Cargo.toml" <<END
[package]
name = "stock"
version = "0.1.0"
edition = "2024"
[dependencies]
migration = { path = "$PWD/migration", default-features = false }
sea-orm-migration = { version = "2.0.4", default-features = false, features = ["cli", "sqlx-postgres", "runtime-tokio-rustls"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
[profile.release]
strip = "symbols"
[workspace]
END
cat >"$folder/stock/src/main.rs" <<'END'
#[tokio::main]
async fn main() {
    sea_orm_migration::cli::run_cli(migration::Migrator).await;
}
END
cp Cargo.lock "$folder/stock/"
(cd "$folder/stock" && cargo build --quiet --release)
export DATABASE_URL="${base%/*}/$ours" APP_ENV=testing
"$CARGO_TARGET_DIR/release/migration" -q up >/dev/null
for n in $(seq -w 1 14); do echo "CREATE TABLE t$n (id int)" >"$folder/migrations/202601010000${n}_t$n.sql"; done
if command -v sqlx >/dev/null; then
    sqlx="--source $folder/migrations --database-url ${base%/*}/$theirs"
    # shellcheck disable=SC2086
    sqlx migrate run $sqlx >/dev/null
fi

time_one() { # LABEL COMMAND…: the wall time in microseconds, which GNU time rounds to ten milliseconds
    local label=$1 start=${EPOCHREALTIME/./}
    shift
    "$@" >/dev/null 2>&1 || true
    echo $((${EPOCHREALTIME/./} - start)) >>"$folder/$label.times"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] / 1000 }'; }
for verb in status up; do
    declare -A commands=([ours]="$CARGO_TARGET_DIR/release/migration $verb" [stock]="$CARGO_TARGET_DIR/release/stock $verb")
    if command -v sqlx >/dev/null; then
        of_sqlx=$([ "$verb" = status ] && echo info || echo run)
        commands[sqlx]="sqlx migrate $of_sqlx $sqlx"
    fi
    rm -f "$folder"/*.times
    for _ in $(seq "$rounds"); do
        for label in "${!commands[@]}"; do
            # shellcheck disable=SC2086
            time_one "$label" ${commands[$label]}
        done
    done
    for label in ours stock sqlx; do
        [ -s "$folder/$label.times" ] || continue
        echo "$verb" "$label" "$(median "$folder/$label.times") ms, $(awk -v a="$(median "$folder/ours.times")" \
            -v b="$(median "$folder/$label.times")" 'BEGIN { printf "ours is %.2f of it", a / b }')"
    done
done
