#!/usr/bin/env bash
# Packs the built programs and the libraries they need into one relocatable archive that runs on any
# x86-64 Linux with glibc 2.36 or later.
#   scripts/bundle.sh BUILD_DIR OUTPUT.tar.xz [--with-onednn]
# Unpack it anywhere and run bin/load_and_run. Where the CUDA backend was built, the GPU tests and
# benchmarks are in it too: bin/gpu_test.sh and bench/gpu_bench.sh. Libraries that are loaded at run
# time (cuDNN, TensorRT) are not packed. oneDNN is larger than everything else together, so a build
# that needs it is packed only when asked for; `make bundle` builds without it.
set -euo pipefail

if [[ $# -lt 2 || $# -gt 3 || ( $# -eq 3 && $3 != --with-onednn ) ]]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
build=$1
output=$2
with_onednn=${3:-}
sources=$(dirname "$(readlink -f "$0")")/..
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/octet
mkdir -p "$root/bin" "$root/lib"

# Of the C and C++ runtimes only libstdc++ and libgcc travel; glibc and the loader are the system's.
system_libraries='^(linux-vdso|ld-linux|libc|libm|libdl|librt|libpthread)[.-]'
for program in "$build"/bin/*; do
  name=$(basename "$program")
  # Of the test programs only the GPU's; benchmarks all.
  [[ ! $name =~ _tests$ || $name == octet_gpu_tests ]] || continue
  while read -r library _ path _; do
    if [[ $library == libdnnl.* && -z $with_onednn ]]; then
      echo "bundle.sh: $program needs oneDNN: say --with-onednn, or use make bundle" >&2
      exit 2
    fi
    [[ -e $path && ! $library =~ $system_libraries ]] && cp -L "$path" "$root/lib/$library"
  done < <(ldd "$program" | grep '=>')
  strip -o "$root/lib/$name.bin" "$program"
  # The programs look for their libraries beside themselves.
  cat >"$root/bin/$name" <<EOF
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")/../lib
LD_LIBRARY_PATH="\$here\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "\$here/$name.bin" "\$@"
EOF
  chmod +x "$root/bin/$name"
done
if [[ -e $root/bin/octet_gpu_tests ]]; then
  mkdir -p "$root/share/tests" "$root/bench"
  cp -r "$sources/tests/data/megengine" "$sources/tests/data/digits" "$root/share/tests/"
  cp "$sources"/scripts/gpu_*.sh "$root/bin/"
  cp "$sources"/bench/gpu_* "$root/bench/"
fi
cp "$sources/LICENSE" "$root/"
git -C "$sources" rev-parse --short=12 HEAD >"$root/COMMIT" 2>/dev/null || echo unknown >"$root/COMMIT"
# Every program holds the whole library, kernels included: a dictionary that spans them all keeps
# one copy.
tar -C "$stage" -cf - octet | xz --lzma2=preset=2,dict=256MiB >"$output"
echo "$output: $(du -h "$output" | cut -f1)"
