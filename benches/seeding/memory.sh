#!/usr/bin/env bash
# How much memory the seeder takes for about a million rows of the school domain and for ten million, and how long
# the rows take that a new developer needs. A database of ten million rows takes about 5 GB, and as much again to write it.
# Usage: BENCH_URL=postgres://…/postgres benches/seeding/memory.sh [CELLS…]     (default 240 2400)
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 240 2400
cargo build --quiet --release -p migration -p seeder --bins
. benches/seeding/measure.sh
export APP_ENV=development SEED_SYSTEM_PASSWORD=for-one-bench-1
seeder=$CARGO_TARGET_DIR/release/seeder
template=bench_template_$$ name=bench_memory_$$
new_database "$template"
DATABASE_URL=$(at "$template") "$CARGO_TARGET_DIR/release/migration" -q up >/dev/null
DATABASE_URL=$(at "$name")
export DATABASE_URL

new_database "$name" "$template"
measure 'reference, personas and festival' 1 "$seeder" run -q --only demo.personas --only demo.festival
for cells in "$@"; do
    for way in '' '--shard 1/1'; do
        new_database "$name" "$template"
        # shellcheck disable=SC2086
        measure "school, $cells cells $way" $((cells * 4040)) "$seeder" run -q --only volume.school --scale "$cells" $way
        psql -qX "$url" -c "DROP DATABASE $name WITH (FORCE)" -c CHECKPOINT
    done
done
