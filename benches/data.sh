#!/usr/bin/env bash
# `backup data export` and `import` of one table, small and large: what they take, and that memory does not grow
# with the rows. Beside them `COPY` of psql, which writes no JSON and checks nothing. Needs psql and GNU time.
# Usage: BENCH_URL=postgres://…/postgres benches/data.sh [ROWS]     (default 1000000; PROFILE=debug for a debug build)
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-1000000} profile=${PROFILE:-release}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target} APP_ENV=testing
[ "$profile" = debug ] || cargo build --quiet --release -p backup -p seeder
backup=$CARGO_TARGET_DIR/$profile/backup
url=${BENCH_URL:-$("$CARGO_TARGET_DIR/$profile/seeder" db url)}
base=${url%%\?*} source=bench_from_$$ target=bench_to_$$
folder=$(mktemp -d)
psql -q "$url" -c "CREATE DATABASE $source" -c "CREATE DATABASE $target"
trap 'psql -q "$url" -c "DROP DATABASE $source WITH (FORCE)" -c "DROP DATABASE $target WITH (FORCE)"; rm -rf "$folder"' EXIT
from=${base%/*}/$source to=${base%/*}/$target
table='CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, at timestamptz, n numeric, body jsonb)'
psql -q "$from" -c "$table"
psql -q "$to" -c "$table"

measure() { # LABEL COMMAND…
    local label=$1
    shift
    /usr/bin/time -f '%e %U %S %M' -o "$folder/time" "$@" >/dev/null 2>"$folder/said" || { cat "$folder/said"; exit 1; }
    awk -v label="$label" '{ printf "| %s | %.2f | %.2f | %d |\n", label, $1, $2 + $3, $4 / 1024 }' "$folder/time"
}
echo '| command | wall s | CPU s | peak MB |'
echo '|---|---|---|---|'
for count in $((rows / 100)) "$rows"; do
    psql -q "$from" -c 'TRUNCATE t' -c "INSERT INTO t (name, at, n, body)
        SELECT md5(n::text), now(), n / 7.0, jsonb_build_object('n', n, 'list', ARRAY[n, NULL], 'text', E'a\\\\b\"c')
        FROM generate_series(1, $count) n" -c 'ANALYZE t'
    psql -q "$to" -c 'TRUNCATE t'
    rm -f "$folder/t.jsonl"
    measure "\`COPY\` out, $count rows (floor)" psql -q "$from" -c '\copy t TO /dev/null'
    measure "\`data export\`, $count rows" "$backup" -q -u "$from" data export t -o "$folder/t.jsonl"
    measure "\`data import\`, $count rows" "$backup" -q -u "$to" data import "$folder/t.jsonl"
    measure "\`--mode replace\` by the same, $count rows" \
        "$backup" -q -u "$to" data import "$folder/t.jsonl" --mode replace --no-safety-backup
    echo "<!-- file: $(stat -c %s "$folder/t.jsonl") bytes -->"
done
