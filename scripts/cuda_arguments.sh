#!/usr/bin/env bash
# Prints the CMake arguments that build the CUDA part for the GPUs of this machine: for none of them,
# and so without CUDA, where there is no GPU or no nvcc.
set -euo pipefail
command -v "${CUDACXX:-nvcc}" >/dev/null || { echo -DOCTET_WITH_CUDA=OFF; exit 0; }
capabilities=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | sort -u || true)
architectures=()
for capability in $capabilities; do
  number=${capability/./}
  [[ $number =~ ^[0-9]+$ ]] && ((number >= 75)) || continue
  # Kernels for 9.0 need its own instructions.
  [[ $number == 90 ]] && number=90a
  architectures+=("$number-real")
done
if [[ ${#architectures[@]} -eq 0 ]]; then
  echo -DOCTET_WITH_CUDA=OFF
else
  list=$(IFS=';'; echo "${architectures[*]}")
  echo "-DOCTET_WITH_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=$list"
fi
