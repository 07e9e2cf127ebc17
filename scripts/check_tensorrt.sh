#!/usr/bin/env bash
# Everything that could not be tried where Octet was written, on a machine that has a GPU and
# TensorRT 10 or 11: builds the adapter, runs the digits and a ResNet18 through it, and prints a
# table of the three ways of MegEngine's int8 page.
#   scripts/check_tensorrt.sh TENSORRT_ROOT      the folder with include/ and lib/
# Exit code 1: a result is wrong; otherwise that of the first command that failed.
set -euo pipefail
if [[ $# -ne 1 || ! -e $1/include/NvInfer.h ]]; then
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
export TENSORRT_ROOT=$1
export LD_LIBRARY_PATH=$1/lib:${LD_LIBRARY_PATH:-}
cd "$(dirname "$0")/.."
build=build/tensorrt
work=$build/check
mkdir -p "$work"

scripts/install_packages.sh build
cmake --preset release -B "$build" -DOCTET_BUILD_TESTS=OFF -DOCTET_WITH_CUDA=ON \
  -DOCTET_WITH_TENSORRT=ON -DTENSORRT_ROOT="$TENSORRT_ROOT" >/dev/null
cmake --build "$build" --parallel "$(nproc)" --target load_and_run octet_program
run="$build/bin/load_and_run" octet="$build/bin/octet"
"$octet" version

echo "=== digits: how many of 360 are recognised, without and with TensorRT (minimum: one less)"
data=tests/data/digits
scripts/digits.py input "$data/x.npy" "$work/digits.npy"
recognised() { # recognised FOLDER OPTION...
  local folder=$1
  shift
  "$run" "$data/digits.v2.mge" --input "$work/digits.npy" --iter 1 --output-npy "$folder" "$@" \
    >"$folder.log"
  scripts/digits.py accuracy "$folder/outputs.json" "$data/y.npy" | cut -d' ' -f1
}
plain=$(recognised "$work/plain")
foreign=$(recognised "$work/tensorrt" --tensorrt --subgraph-min-nodes 1 --tensorrt-cache "$work/engines")
cached=$(recognised "$work/cached" --tensorrt --subgraph-min-nodes 1 --tensorrt-cache "$work/engines")
echo "Octet $plain, TensorRT $foreign, from the cache $cached"
((foreign >= plain - 1 && cached == foreign)) || exit 1

echo "=== ResNet18, batch 128: the page's commands and Octet's own choice"
"$octet" make-model resnet18 -o "$work/resnet18.mge" --batch 128 --input "$work/cat.npy" >/dev/null
"$octet" partition "$work/resnet18.mge"
for options in "--enable-nchw4 --tensorrt --fast-run" "--enable-nchw32 --fast-run" \
  "--enable-chwn4 --fast-run" "--fast-run"; do
  # shellcheck disable=SC2086 # several options
  "$run" "$work/resnet18.mge" --input "$work/cat.npy" --iter 100 $options >"$work/run.log"
  printf '%-40s %s\n' "$options" "$(grep -o 'avg_time=[0-9.]*ms' "$work/run.log")"
done
