#!/usr/bin/env bash
# `migration validate`, and its round trip, on the project's own schema, filled by the seeder, on the local
# server with its default settings. Ten rounds; prints the fastest, the median and the slowest. Needs GNU time.
# Usage: benches/migration/validate.sh [ROUNDS]     (default 10)
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-10}
cargo build --quiet --release -p migration -p seeder
folder=$(mktemp -d)
name=bench_$$
url=${BENCH_URL:-$(target/release/seeder db url)}
psql -q "$url" -c "CREATE DATABASE $name"
trap 'psql -q "$url" -c "DROP DATABASE $name WITH (FORCE)"; rm -rf "$folder"' EXIT
base=${url%%\?*}
export DATABASE_URL="${base%/*}/$name" APP_ENV=testing SEED_SYSTEM_PASSWORD=for-one-bench-1
target/release/migration -q up >/dev/null
target/release/seeder -q >/dev/null
fill="$PWD/target/release/seeder --env testing"
measure() {
    local label=$1
    shift
    : >"$folder/all"
    for _ in $(seq "$rounds"); do
        /usr/bin/time -f '%e %U %S %M' -o "$folder/time" target/release/migration validate -q "$@" >/dev/null
        cat "$folder/time" >>"$folder/all"
    done
    sort -n "$folder/all" | awk -v label="$label" '
        { wall[NR] = $1; cpu += $2 + $3; if ($4 > peak) peak = $4 }
        END { printf "%-44s %7.2f %7.2f %7.2f %7.2f %8d\n", label, wall[1], wall[int((NR + 1) / 2)], wall[NR], cpu / NR, peak }'
}
printf '%-44s %7s %7s %7s %7s %8s\n' command min_s median_s max_s cpu_s peak_kB
measure 'validate'
measure 'validate --detailed' --detailed
measure 'validate --only round-trip' --only round-trip
measure 'validate --round-trip --fill-with seeder' --round-trip --fill-with "$fill"
