#!/usr/bin/env bash
# Fails when a source file is not formatted by .clang-format, is not ASCII or is over 600 lines.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files '*.cpp' '*.hpp' '*.cu' '*.cuh')
status=0
clang-format --dry-run --Werror "${files[@]}" || { echo "run: make format" >&2; status=1; }
if grep -nP '[^\x00-\x7F]' "${files[@]}"; then echo "sources are ASCII" >&2; status=1; fi
for file in "${files[@]}"; do
  lines=$(wc -l <"$file")
  ((lines <= 600)) || { echo "$file: $lines lines; split it by topic (limit 600)" >&2; status=1; }
done
exit $status
