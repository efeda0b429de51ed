#!/usr/bin/env bash
# Runs every fuzz target for SECONDS each; a finding ends it with the input that caused it.
#   tools/fuzz.sh SECONDS [NAME]
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/common.sh
seconds=${1:-60} filter=${2:-}
passed=0
for target in build/fuzz/fuzz/fuzz_*"$filter"*; do
    [ -x "$target" ] || continue
    name=$(basename "$target")
    corpus=build/fuzz/corpus/$name
    mkdir -p "$corpus" build/fuzz/findings
    seeds=()
    for dir in src/*/fuzz/corpus/"$name" src/*/*/fuzz/corpus/"$name"; do
        [ -d "$dir" ] && seeds+=("$dir")
    done
    say "$name: $seconds s"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "$corpus" "${seeds[@]}" >"build/fuzz/$name.log" 2>&1 ||
        { tail -40 "build/fuzz/$name.log" >&2; die "$name found something; the input is in build/fuzz/findings"; }
    grep -E 'number_of_executed_units|average_exec_per_sec' "build/fuzz/$name.log" | sed 's/^/    /'
    passed=$((passed + 1))
done
echo "$passed passed, 0 failed, 0 skipped"
