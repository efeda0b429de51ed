#!/usr/bin/env bash
# Runs every fuzz target for SECONDS each, as many at a time as there are cores. A finding is shown with the input
# that caused it, and the others go on.
#   tools/fuzz.sh SECONDS [NAME]
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/common.sh
seconds=${1:-60} filter=${2:-}
results=$(mktemp)
trap 'rm -f "$results"' EXIT

fuzz_one() { # TARGET
    local target=$1 name corpus seeds=() dir
    name=$(basename "$target")
    corpus=build/fuzz/corpus/$name
    mkdir -p "$corpus" build/fuzz/findings
    for dir in src/*/fuzz/corpus/"$name" src/*/*/fuzz/corpus/"$name"; do
        [ -d "$dir" ] && seeds+=("$dir")
    done
    if "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "$corpus" "${seeds[@]}" >"build/fuzz/$name.log" 2>&1; then
        echo "ok      $name: $(sed -n 's/.*number_of_executed_units: *//p' "build/fuzz/$name.log") inputs in $seconds s"
        echo passed >>"$results"
    else
        echo "FAILED  $name: its input is in build/fuzz/findings, what it printed in build/fuzz/$name.log"
        grep -E "ERROR|runtime error|    #[0-9] " "build/fuzz/$name.log" | head -12
        echo failed >>"$results"
    fi
}

for target in build/fuzz/fuzz/fuzz_*"$filter"*; do
    [ -x "$target" ] || continue
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
    fuzz_one "$target" &
done
wait
passed=$(grep -c passed "$results" || true) failed=$(grep -c failed "$results" || true)
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
