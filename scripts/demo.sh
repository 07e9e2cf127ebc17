#!/usr/bin/env bash
# The main job, once through: makes a seeded int8 ResNet18 and a batch of pictures, runs it, and then
# classifies real handwritten digits with a trained network.
#   scripts/demo.sh DIRECTORY_OF_THE_PROGRAMS
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
work=build/demo
mkdir -p "$work"

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

show "$bin/octet" make-model resnet18 --seed 1 -o "$work/resnet18.mge" --input "$work/cat.npy" --batch 8
show "$bin/load_and_run" "$work/resnet18.mge" --input "$work/cat.npy" --top 3

digits=tests/data/digits
show "$bin/load_and_run" "$digits/digits.v2.mge" --input "$digits/sample_0.ppm" --iter 1 --top 3
scripts/digits.py input "$digits/x.npy" "$work/digits.npy"
show "$bin/load_and_run" "$digits/digits.v2.mge" --input "$work/digits.npy" --iter 1 --output-npy "$work"
scripts/digits.py accuracy "$work/outputs.json" "$digits/y.npy"
