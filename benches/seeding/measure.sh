# How the scripts beside it measure: whole processes, from a fresh database to their end. To be sourced.
#
# BENCH_URL names a server on this machine, as its superuser. The server's CPU is that of all its
# processes while the command runs, so nothing else should use it. Needs psql and GNU time.

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
folder=$(mktemp -d)
url=${BENCH_URL:-$("$CARGO_TARGET_DIR/release/seeder" db url)}
base=${url%%\?*}
base=${base%/*}
query=${url#*\?}
[ "$query" != "$url" ] && query="?$query" || query=
made=()
export PGOPTIONS='-c client_min_messages=warning'
trap 'for made in "${made[@]}"; do psql -qX "$url" -c "DROP DATABASE IF EXISTS $made WITH (FORCE)"; done; rm -rf "$folder"' EXIT
postmaster=$(psql -XAtq "$url" -c "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)")
ticks=$(getconf CLK_TCK)

at() { echo "$base/$1$query"; }

new_database() { # NAME [TEMPLATE]: dropped and made, with nothing left for the server to write
    [[ " ${made[*]} " == *" $1 "* ]] || made+=("$1")
    psql -qX "$url" -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" \
        -c "CREATE DATABASE $1 TEMPLATE ${2:-template0}" -c CHECKPOINT
}

server_ticks() { # CPU of the server's processes, those that have ended included
    local pids
    pids=$(pgrep -P "$postmaster" | sed 's|.*|/proc/&/stat|')
    # shellcheck disable=SC2086
    { cat "/proc/$postmaster/stat" $pids 2>/dev/null || true; } |
        awk -v first="$postmaster" '{ sum += $14 + $15; if ($1 == first) sum += $16 + $17 } END { print sum }'
}

measure() { # LABEL ROWS COMMAND…: appends what it costs to the results
    local label=$1 rows=$2 before start wall
    shift 2
    before=$(server_ticks)
    start=${EPOCHREALTIME/./}
    /usr/bin/time -f '%U %S %M' -o "$folder/time" "$@" >"$folder/output" 2>&1 || {
        echo "$label failed:" && tail -n 20 "$folder/output"
        return 1
    } >&2
    wall=$((${EPOCHREALTIME/./} - start))
    awk -v label="$label" -v rows="$rows" -v wall="$wall" -v ticks="$ticks" \
        -v server=$(($(server_ticks) - before)) \
        '{ printf "%s;%d;%.3f;%.2f;%.2f;%d\n", label, rows, wall / 1e6, ($1 + $2) * 1e6 / rows,
           server / ticks * 1e6 / rows, $3 / 1024 }' "$folder/time" | tee -a "$folder/results" >&2
}

summary() { # LABEL: the medians, and what each one's rows a second are of those of LABEL in the same round
    awk -F ';' -v of="$1" '
        function median(values, count,   i, j, v) {
            for (i = 2; i <= count; i++)
                for (j = i; j > 1 && values[j - 1] > values[j]; j--) { v = values[j]; values[j] = values[j - 1]; values[j - 1] = v }
            return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
        }
        !($1 in seen) { seen[$1] = 0; order[++labels] = $1 }
        { n = ++seen[$1]; rows[$1] = $2; speed[$1, n] = $2 / $3; client[$1, n] = $4; server[$1, n] = $5; peak[$1, n] = $6 }
        END {
            printf "%-36s %9s %9s %9s %9s %6s  %s\n", "subject", "rows", "rows/s", "client us", "server us", "MB", "times " of " (lowest to highest)"
            for (l = 1; l <= labels; l++) {
                label = order[l]; count = seen[label]
                for (n = 1; n <= count; n++) { a[n] = speed[label, n]; b[n] = client[label, n]; c[n] = server[label, n]; d[n] = peak[label, n]; r[n] = speed[label, n] / speed[of, n] }
                m = median(r, count)
                printf "%-36s %9d %9d %9.1f %9.1f %6d  %.2f (%.2f to %.2f)\n", label, rows[label], median(a, count), median(b, count), median(c, count), median(d, count), m, r[1], r[count]
            }
        }' "$folder/results"
}
