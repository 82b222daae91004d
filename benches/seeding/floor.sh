#!/usr/bin/env bash
# The school domain, about 4,040 rows a cell in 12 tables, against the floor: the same rows from files through psql's
# \copy, text and binary, into the tables with all their constraints and indexes. The seeder's times include
# generating, fingerprints, history and ANALYZE, the floor's only the loading. In turn; prints medians.
# Usage: BENCH_URL=postgres://…/postgres benches/seeding/floor.sh [ROUNDS] [CELLS]     (default 5, 240)
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
cells=${2:-240}
cargo build --quiet --release -p migration -p seeder --bins
. benches/seeding/measure.sh
export APP_ENV=testing SEED_SYSTEM_PASSWORD=for-one-bench-1
seeder=$CARGO_TARGET_DIR/release/seeder
migrated=bench_migrated_$$ seeded=bench_seeded_$$ name=bench_school_$$
# Parents before children.
tables='roles permissions role_permissions subjects users user_roles teachers students guardians student_guardians
    classes schedules enrollments exams exam_results attendance'

new_database "$migrated"
DATABASE_URL=$(at "$migrated") "$CARGO_TARGET_DIR/release/migration" -q up >/dev/null
new_database "$seeded" "$migrated"
DATABASE_URL=$(at "$seeded") "$seeder" run -q --only demo.personas >/dev/null
DATABASE_URL=$(at "$name")
export DATABASE_URL

count() {
    for table in $tables; do echo "SELECT count(*) FROM $table;"; done |
        psql -XAtq "$DATABASE_URL" | awk '{ sum += $1 } END { print sum }'
}
fill() { "$seeder" run -q --only volume.school --scale "$cells" "$@"; }

new_database "$name" "$seeded"
personas=$(count)
fill >/dev/null
all=$(count)
rows=$((all - personas))
for table in $tables; do
    psql -Xq "$DATABASE_URL" -c "\copy $table TO '$folder/$table.text'" -c "\copy $table TO '$folder/$table.binary' (FORMAT binary)"
    echo "\copy $table FROM '$folder/$table.text'" >>"$folder/text.sql"
    echo "\copy $table FROM '$folder/$table.binary' (FORMAT binary)" >>"$folder/binary.sql"
done

subject() { # LABEL TEMPLATE COMMAND…
    local label=$1
    new_database "$name" "$2"
    shift 2
    measure "$label" "$rows" "$@"
    [ "$(count)" = "$all" ] || { echo "$label has not made $all rows" >&2 && exit 1; }
}
school=("$seeder" run -q --only volume.school --scale "$cells")
for _ in $(seq "$rounds"); do
    subject '\copy, text' "$migrated" psql -Xq "$DATABASE_URL" -v ON_ERROR_STOP=1 -f "$folder/text.sql"
    subject '\copy, binary' "$migrated" psql -Xq "$DATABASE_URL" -v ON_ERROR_STOP=1 -f "$folder/binary.sql"
    subject 'seeder, live, 1 job' "$seeded" "${school[@]}" --shard 1/1 --jobs 1
    subject 'seeder, live' "$seeded" "${school[@]}" --shard 1/1
    subject 'seeder, bulk mode' "$seeded" "${school[@]}"
done
summary '\copy, text'
