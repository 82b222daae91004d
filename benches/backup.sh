#!/usr/bin/env bash
# `backup create` and `restore` of a realistic database of about 1 GB (uuid, text, jsonb, numeric, timestamptz; four tables, nine
# indexes, two foreign keys) beside bare pg_dump and pg_restore. Rounds in turn, medians; ratios are of the same round.
# CPU is that of the client with its children, and of all of the server's processes. Needs psql and GNU time. Where borgmatic
# is installed (1.7, of Debian's packages) it is measured beside: pg_dump into borg, sealed and compressed as ours is.
# Usage: BENCH_URL=postgres://…/postgres benches/backup.sh [ROUNDS] [ROWS]     (default 3, 1000000; a server of its own)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3} rows=${2:-1000000}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target} APP_ENV=development
[ -n "${BENCH_BUILT:-}" ] || cargo build --quiet --release --workspace --bins
backup=$CARGO_TARGET_DIR/release/backup
: "${BENCH_URL:?a superuser of a server on this machine that nobody else uses}"
base=${BENCH_URL%/*} name=bench_real_$$ folder=$(mktemp -d)
export DATABASE_URL=$base/$name BACKUP_DIR=$folder/backups
export BACKUP_IDENTITY_FILE=$folder/identity.txt BACKUP_SIGNING_KEY_FILE=$folder/signing.key
trap 'for d in "$name" bench_copy_$$; do psql -qX "$BENCH_URL" -c "DROP DATABASE IF EXISTS $d WITH (FORCE)"; done; rm -rf "$folder"' EXIT
"$backup" keys generate --output "$BACKUP_IDENTITY_FILE" >/dev/null
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$BACKUP_SIGNING_KEY_FILE"
chmod 600 "$BACKUP_SIGNING_KEY_FILE"
postmaster=$(psql -XAtq "$BENCH_URL" -c "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)")
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)

psql -qX "$BENCH_URL" -c "CREATE DATABASE $name"
psql -qX "$DATABASE_URL" -v rows="$rows" <<'SQL'
SELECT setseed(0.5);
CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text UNIQUE, name text, bio text, created_at timestamptz);
INSERT INTO users (email, name, bio, created_at)
    SELECT 'user' || n || '@example.org', md5(n::text), repeat(md5((n * 7)::text) || ' ', 3 + n % 5), now() - n * interval '1 s'
    FROM generate_series(1, :rows / 2) n;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id uuid REFERENCES users, total numeric(12, 2), state text, at timestamptz, data jsonb);
INSERT INTO orders (user_id, total, state, at, data)
    SELECT id, (random() * 1000)::numeric(12, 2), (ARRAY['new', 'paid', 'sent'])[1 + n % 3], created_at + n * interval '1 h',
        jsonb_build_object('ip', '192.0.2.' || n, 'agent', md5(email || n), 'tags', jsonb_build_array(n, md5(n::text)))
    FROM users, generate_series(1, 3) n;
CREATE INDEX ON orders (user_id); CREATE INDEX ON orders (at); CREATE INDEX ON orders (state, at);
CREATE TABLE lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint REFERENCES orders, product text, price numeric(10, 2));
INSERT INTO lines (order_id, product, price)
    SELECT id, md5((id * n)::text), (random() * 100)::numeric(10, 2) FROM orders, generate_series(1, 2) n;
CREATE INDEX ON lines (order_id);
CREATE TABLE events (id uuid DEFAULT gen_random_uuid(), at timestamptz, body jsonb);
INSERT INTO events (at, body)
    SELECT now() - n * interval '1 s', jsonb_build_object('n', n, 'text', repeat(md5(n::text), 4)) FROM generate_series(1, :rows / 2) n;
CREATE INDEX ON events (at); CREATE INDEX ON events (id);
ANALYZE; CHECKPOINT;
SQL
psql -XAtq "$DATABASE_URL" -c "SELECT 'database: ' || pg_size_pretty(pg_database_size(current_database()))"

server_ticks() {
    # A process may end while it is looked at.
    { cat "/proc/$postmaster/stat" $(pgrep -P "$postmaster" | sed 's|.*|/proc/&/stat|') 2>/dev/null || true; } |
        awk -v first="$postmaster" '{ sum += $14 + $15; if ($1 == first) sum += $16 + $17 } END { print sum }'
}

measure() { # LABEL FILE-OR-FOLDER COMMAND…: what it takes, and how large that is afterwards
    local label=$1 made=$2 before
    shift 2
    psql -qX "$DATABASE_URL" -c CHECKPOINT
    before=$(server_ticks)
    /usr/bin/time -f '%e %U %S %M' -o "$folder/time" "$@" >"$folder/said" 2>&1 || { echo "$label failed:" && tail -n 20 "$folder/said" && exit 1; } >&2
    awk -v label="$label" -v server=$(($(server_ticks) - before)) -v size="$(du -sk "$made" 2>/dev/null | cut -f1)" \
        '{ printf "%s;%.2f;%.2f;%.2f;%d;%.1f\n", label, $1, $2 + $3, server / 100, $4 / 1024, size / 1024 }' "$folder/time" | tee -a "$folder/results" >&2
}

if command -v borgmatic >/dev/null; then
    mkdir "$folder/nothing"
    export BORG_BASE_DIR=$folder/borg BORG_REPO=$folder/repository
    server=${BENCH_URL#*@} && server=${server%%/*} user=${BENCH_URL#*://}
    cat >"$folder/borgmatic.yaml" <<YAML
location:
    source_directories: [$folder/nothing]
    repositories: [$BORG_REPO]
storage:
    encryption_passphrase: bench
    compression: zstd,3
hooks:
    postgresql_databases:
        - {name: $name, hostname: ${server%:*}, port: ${server#*:}, username: ${user%%[:@]*}, options: --compress=0}
YAML
fi
borg() { # makes an archive in a new repository, as the first backup is
    rm -rf "$BORG_REPO" "$BORG_BASE_DIR"
    borgmatic -c "$folder/borgmatic.yaml" -v -1 init --encryption repokey-blake2 >/dev/null
    measure 'borgmatic create (peer)' "$BORG_REPO" borgmatic -c "$folder/borgmatic.yaml" -v -1 create
}

for _ in $(seq "$rounds"); do
    rm -f "$folder"/dump.*; rm -rf "$BACKUP_DIR"
    measure 'pg_dump -Fc -Z0 (floor)' "$folder/dump.raw" "$bin/pg_dump" -Fc -Z0 -f "$folder/dump.raw" "$DATABASE_URL"
    measure 'backup create' "$BACKUP_DIR" "$backup" create -q
    measure 'pg_dump -Fc (gzip, peer)' "$folder/dump.gz" "$bin/pg_dump" -Fc -f "$folder/dump.gz" "$DATABASE_URL"
    if command -v borgmatic >/dev/null; then borg; fi
    measure 'backup verify --level hash' "$BACKUP_DIR" "$backup" verify --level hash -q
    measure 'backup verify' "$BACKUP_DIR" "$backup" verify -q
    psql -qX "$BENCH_URL" -c "DROP DATABASE IF EXISTS bench_copy_$$ WITH (FORCE)" -c "CREATE DATABASE bench_copy_$$"
    measure 'pg_restore -j2 (floor)' "$folder/dump.raw" "$bin/pg_restore" -j2 -d "$base/bench_copy_$$" "$folder/dump.raw"
    psql -qX "$BENCH_URL" -c "DROP DATABASE IF EXISTS bench_copy_$$ WITH (FORCE)"
    measure 'backup restore --to' "$BACKUP_DIR" "$backup" restore latest --to "bench_copy_$$" -q
    psql -qX "$BENCH_URL" -c "DROP DATABASE IF EXISTS bench_copy_$$ WITH (FORCE)"
    measure 'backup verify --level restore' "$BACKUP_DIR" "$backup" verify --level restore -q
    measure 'backup restore --to, verified before' "$BACKUP_DIR" "$backup" restore latest --to "bench_copy_$$" -q
    psql -qX "$BENCH_URL" -c "DROP DATABASE IF EXISTS bench_copy_$$ WITH (FORCE)"
done
awk -F ';' '
    function median(values, count,   i, j, v) {
        for (i = 2; i <= count; i++) for (j = i; j > 1 && values[j - 1] > values[j]; j--) { v = values[j]; values[j] = values[j - 1]; values[j - 1] = v }
        return values[int((count + 1) / 2)]
    }
    !($1 in seen) { order[++labels] = $1 }
    { n = ++seen[$1]; wall[$1, n] = $2; client[$1, n] = $3; server[$1, n] = $4; peak[$1, n] = $5; size[$1, n] = $6 }
    END {
        print "| command | wall s | client CPU s | server CPU s | peak MB | stored MB |"; print "|---|---|---|---|---|---|"
        for (l = 1; l <= labels; l++) {
            k = order[l]; c = seen[k]
            for (n = 1; n <= c; n++) { a[n] = wall[k, n]; b[n] = client[k, n]; d[n] = server[k, n]; e[n] = peak[k, n]; f[n] = size[k, n] }
            printf "| %s | %.2f | %.2f | %.2f | %d | %.0f |\n", k, median(a, c), median(b, c), median(d, c), median(e, c), median(f, c)
        }
    }' "$folder/results"
