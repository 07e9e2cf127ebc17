#!/usr/bin/env bash
# All figures of the GPU engine in one command, on this machine's GPU, from a bundle or a build.
#   gpu_bench.sh OUTPUT_DIR [arguments of gpu_networks.py]
# Writes h200.json (our rows), peers.json (PyTorch's, where it is installed), a report per row in
# profiles/, and prints tables with the ratios.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
[[ $# -ge 1 ]] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
output=$(mkdir -p "$1" && readlink -f "$1")
shift
mkdir -p "$output/profiles"
python3 "$here/gpu_networks.py" --output "$output/h200.json" --profiles "$output/profiles" "$@"
if python3 -c 'import torch' 2>/dev/null; then
  python3 "$here/gpu_peers.py" --octet "$output/h200.json" --output "$output/peers.json"
fi
