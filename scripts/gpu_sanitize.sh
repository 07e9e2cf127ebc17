#!/usr/bin/env bash
# Runs every kernel of convolutions that is ours under compute-sanitizer (memcheck, racecheck and
# synccheck) on this machine's GPU, each on random problems, from a bundle (bin/gpu_sanitize.sh) or
# from a build tree.
#   gpu_sanitize.sh [BUILD_DIR]
# cuDNN's kernels are left out: they are not ours to mend. Prints what was found, then one line for
# each tool. Exit code 1 if anything was found, 77 without compute-sanitizer.
set -uo pipefail

source "$(dirname "$(readlink -f "$0")")/gpu_suite.sh"
sanitizer=$(command -v compute-sanitizer || echo /usr/local/cuda/bin/compute-sanitizer)
[[ -x $sanitizer ]] || { echo "gpu_sanitize.sh: there is no compute-sanitizer here" >&2; exit 77; }
# Instrumented kernels are slow: the usual half second would see few problems accepted.
export OCTET_TEST_MILLISECONDS=${OCTET_TEST_MILLISECONDS:-1500}

failed=0
for tool in memcheck racecheck synccheck; do
  start=$SECONDS
  pids=()
  for ((i = 0; i < shards; ++i)); do
    GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$i "$sanitizer" --tool $tool --error-exitcode 1 \
      --print-limit 20 "$tests" \
      --gtest_filter='Rows/*:CudaStem.*:CudaEntry.*:CudaInverted.*:CudaInvertedWgmma.*:CudaWgmmaTurns.*-Rows/CudnnRow.*' >"$logs/$tool.$i" 2>&1 &
    pids+=($!)
  done
  found=0
  for pid in "${pids[@]}"; do wait "$pid" || found=1; done
  grep -hE '^=========|^\[  FAILED  \] [A-Za-z]' "$logs/$tool".* |
    grep -vE 'COMPUTE-SANITIZER|SUMMARY: 0 ' | sort | uniq -c
  passed=$(grep -hoE '\[  PASSED  \] [0-9]+' "$logs/$tool".* | awk '{n += $4} END {print n + 0}')
  echo "gpu_sanitize.sh: $tool: $passed passed, $([[ $found == 0 ]] && echo clean || echo ERRORS), $((SECONDS - start)) s"
  failed=$((failed | found))
done
exit $failed
