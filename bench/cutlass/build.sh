#!/usr/bin/env bash
# Builds octet_cutlass_conv with nvcc and the headers of PyPI's nvidia-cutlass, which it fetches.
#   bench/cutlass/build.sh OUTPUT_PROGRAM
# Takes about three minutes. Run it and octet_conv_layers on one machine, then compare:
#   octet_cutlass_conv >cutlass.json; octet_conv_layers --layouts nhwc >layers.json
#   bench/gpu_peers.py --layers layers.json --cutlass cutlass.json
set -euo pipefail

version=4.2.0.0
[[ $# -eq 1 ]] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(dirname "$(readlink -f "$0")")
headers=$(mktemp -d)
trap 'rm -rf "$headers"' EXIT
python3 -m pip install --quiet --no-deps --target "$headers" "nvidia-cutlass==$version"
source=$headers/cutlass_library/source
nvcc -std=c++17 -O3 -DNDEBUG --expt-relaxed-constexpr -gencode arch=compute_90a,code=sm_90a \
  -I"$source/include" -I"$source/tools/util/include" -o "$1" "$here/conv.cu" -lcuda
