#!/usr/bin/env bash
# One table, `users`, with all its constraints, checks and indexes, filled by the engine and by its peers: each
# with the columns that a user has, the same password hash for all, in a fresh copy of the migrated database, from the
# start of the process to the commit. In turn; prints medians. Counts and addresses are checked after each.
# The floor is the engine's rows from a file through psql, which neither makes rows nor keeps a history nor analyzes.
# Needs psql, GNU time, node with npm, and python3 with venv; fetches the peers at the versions below.
# Usage: BENCH_URL=postgres://…/postgres benches/seeding/peers.sh [ROUNDS]     (default 5)
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
cargo build --quiet --release -p migration -p seeder --bins --example users
. benches/seeding/measure.sh

tools=${BENCH_PEERS:-$folder/peers}
mkdir -p "$tools"
cp benches/seeding/peers/* "$tools/"
if [ ! -d "$tools/node_modules" ]; then
    (cd "$tools" && npm install --silent --no-audit --no-fund drizzle-seed@0.3.1 drizzle-orm@0.45.4 pg@8.23.1 \
        @faker-js/faker@9.9.0 knex@3.3.0 pg-copy-streams@7.0.0)
fi
if [ ! -d "$tools/venv" ]; then
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet mimesis==22.2.0 'psycopg[binary]==3.3.9'
fi

template=bench_template_$$ name=bench_users_$$
new_database "$template"
DATABASE_URL=$(at "$template") APP_ENV=testing "$CARGO_TARGET_DIR/release/migration" -q up >/dev/null
DATABASE_URL=$(at "$name")
export DATABASE_URL

subject() { # LABEL ROWS COMMAND…
    new_database "$name" "$template"
    measure "$@"
    local found
    found=$(psql -XAtq "$DATABASE_URL" -c "SELECT count(*) = $2 AND count(DISTINCT email) = $2 FROM users")
    [ "$found" = t ] || { echo "$1 has not made $2 users" >&2 && exit 1; }
}
users=$CARGO_TARGET_DIR/release/examples/users
rows=200000
new_database "$name" "$template"
"$users" bulk "$rows"
psql -Xq "$DATABASE_URL" -c "\copy users TO '$folder/users.binary' (FORMAT binary)"
floor=(env -C "$folder" psql -Xq "$DATABASE_URL" -v ON_ERROR_STOP=1)
for _ in $(seq "$rounds"); do
    subject 'drizzle-seed 0.3.1' "$rows" node "$tools/drizzle.mjs" "$rows"
    subject 'faker-js 9 + knex 3' "$rows" node "$tools/knex.mjs" "$rows"
    subject 'faker-js 9 + pg-copy-streams 7' "$rows" node "$tools/copy_streams.mjs" "$rows"
    subject 'mimesis 22 + psycopg 3 COPY' "$rows" "$tools/venv/bin/python" "$tools/mimesis_copy.py" "$rows"
    subject 'SeaORM insert_many(1000)' "$rows" "$users" insert-many "$rows"
    subject '\copy, binary' "$rows" "${floor[@]}" -c "\copy users FROM 'users.binary' (FORMAT binary)"
    subject '\copy, binary, then indexes' "$rows" "${floor[@]}" -f "$tools/load_then_index.sql"
    subject 'seeder, live' "$rows" "$users" live "$rows"
    subject 'seeder, live, 2 jobs' "$rows" "$users" live "$rows" 2
    subject 'seeder, bulk mode' "$rows" "$users" bulk "$rows"
done
summary 'drizzle-seed 0.3.1'
