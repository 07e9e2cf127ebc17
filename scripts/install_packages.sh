#!/usr/bin/env bash
# Installs the Debian packages that Octet is built and tested with. Uses sudo only if not root.
#   scripts/install_packages.sh build   what the build and the tools need
#   scripts/install_packages.sh test    also what the test suite needs
#   scripts/install_packages.sh coverage  also what measures coverage
set -euo pipefail

build_packages=(
  g++ cmake ninja-build make pkg-config python3
  libcli11-dev nlohmann-json3-dev libflatbuffers-dev flatbuffers-compiler libxxhash-dev
  libprotobuf-dev protobuf-compiler libonnx-dev libdnnl-dev libsqlite3-dev libstb-dev
)
test_packages=(python3-venv libgtest-dev libgmock-dev libboost-context-dev libonnx-testdata clang-format)
coverage_packages=(gcovr)

wanted=("${build_packages[@]}")
case ${1:-build} in
  build) ;;
  test) wanted+=("${test_packages[@]}") ;;
  coverage) wanted+=("${test_packages[@]}" "${coverage_packages[@]}") ;;
  *) sed -n '3,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == "install ok installed" ]] ||
    missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "install_packages.sh: this is not a Debian system; install the equivalents of: ${missing[*]}" >&2
  exit 5
fi
as_root=()
[[ $(id -u) -eq 0 ]] || as_root=(sudo)
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >/dev/null
