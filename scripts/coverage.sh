#!/usr/bin/env bash
# Line coverage of the readers, the operators and the passes by the test suite. Fails below the limit.
# Details per file: build/coverage/formats.txt, ops.txt, passes.txt.
#   scripts/coverage.sh [LIMIT]     in percent, 85 without
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${1:-85}
build=build/coverage
jobs=${JOBS:-$(nproc)}
suites=(unit ops passes formats malformed models golden conformance)

cmake --preset coverage >/dev/null
cmake --build "$build" --parallel "$jobs" --target $(printf "octet_%s_tests " "${suites[@]}")
find "$build" -name '*.gcda' -delete
for suite in "${suites[@]}"; do
  "$build/bin/octet_${suite}_tests" --gtest_brief=1
done

status=0
for folder in formats ops passes; do
  gcovr --root . --object-directory "$build" --filter "src/$folder/" -j "$jobs" \
    --txt "$build/$folder.txt" "$build"
  percent=$(awk '$1 == "TOTAL" { sub("%", "", $4); print $4 }' "$build/$folder.txt")
  echo "src/$folder: $percent % of the lines (at least $limit)"
  ((percent >= limit)) || status=1
done
exit $status
