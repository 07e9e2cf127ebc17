#!/usr/bin/env bash
# Runs the whole GPU test suite on this machine's GPU, from a bundle (bin/gpu_test.sh) or from a
# build tree.
#   gpu_test.sh [BUILD_DIR]
# Tests that may share the device run side by side; those that watch its memory or the clock run
# alone after them. Prints what failed, then one line with counts and time. Exit code 1 if anything failed.
set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
if [[ $# -eq 1 ]]; then
  tests=$1/bin/octet_gpu_tests
  export OCTET_TEST_DATA=$here/../tests/data
else
  tests=$here/octet_gpu_tests
  export OCTET_TEST_DATA=$here/../share/tests
fi
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
start=$SECONDS

cores=$(nproc)
shards=$((cores > 8 ? 8 : cores))
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
