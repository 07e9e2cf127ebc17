#!/usr/bin/env bash
# Runs the whole GPU test suite on this machine's GPU, from a bundle (bin/gpu_test.sh) or from a
# build tree.
#   gpu_test.sh [BUILD_DIR]
# Tests that may share the device run side by side; those that watch its memory or the clock run
# alone after them. Prints what failed, then one line with counts and time. Exit code 1 if anything failed.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/gpu_suite.sh"
start=$SECONDS

pids=()
for ((i = 0; i < shards; ++i)); do
  GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$i \
    "$tests" --gtest_filter='-GpuMemory.*:GpuTime.*' --gtest_brief=1 >"$logs/$i" 2>&1 &
  pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
"$tests" --gtest_filter='GpuMemory.*:GpuTime.*' --gtest_brief=1 >"$logs/alone" 2>&1 || failed=1

grep -hE '^\[  FAILED  \] [A-Za-z]' "$logs"/* | sort -u
# Of each test that failed the beginning, which says most.
for log in "$logs"/*; do
  awk '/: Failure$/ {lines = 0} {if (++lines <= 12 && shown < 120) {print; ++shown}}' "$log" |
    grep -vE '^\[|^Running main|^Google Test trace|^$' || true
done
passed=$(grep -hoE '\[  PASSED  \] [0-9]+' "$logs"/* | awk '{n += $4} END {print n + 0}')
lost=$(grep -hcE '^\[  FAILED  \] [A-Za-z]+.*\(' "$logs"/* | awk '{n += $1} END {print n + 0}')
echo "gpu_test.sh: $passed passed, $lost failed, $((SECONDS - start)) s"
exit $failed
