#!/usr/bin/env bash
# Packs the built programs and the libraries they need into one relocatable archive that runs on any
# x86-64 Linux with glibc 2.36 or later.
#   scripts/bundle.sh BUILD_DIR OUTPUT.tar.xz
# Unpack it anywhere and run bin/load_and_run. Where the CUDA backend was built, bin/octet_gpu_tests
# is in it too. Libraries that are loaded at run time (cuDNN, TensorRT) are not packed.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
build=$1
output=$2
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/octet/bin" "$stage/octet/lib"

# Of the C and C++ runtimes only libstdc++ and libgcc travel; glibc and the loader are the system's.
system_libraries='^(linux-vdso|ld-linux|libc|libm|libdl|librt|libpthread)[.-]'
for program in load_and_run octet octet_gpu_tests; do
  [[ -x $build/bin/$program ]] || continue
  cp "$build/bin/$program" "$stage/octet/bin/"
  strip "$stage/octet/bin/$program"
  while read -r name _ path _; do
    [[ -n $path && -e $path && ! $name =~ $system_libraries ]] && cp -L "$path" "$stage/octet/lib/$name"
  done < <(ldd "$build/bin/$program" | grep '=>')
done

# The programs look for their libraries beside themselves.
for program in "$stage"/octet/bin/*; do
  name=$(basename "$program")
  mv "$program" "$stage/octet/lib/$name.bin"
  printf '#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")/../lib\nLD_LIBRARY_PATH="$here:$LD_LIBRARY_PATH" exec "$here/%s.bin" "$@"\n' "$name" >"$program"
  chmod +x "$program"
done
cp LICENSE "$stage/octet/"
tar -C "$stage" -cJf "$output" octet
echo "$output: $(du -h "$output" | cut -f1)"
