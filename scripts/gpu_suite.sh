# Where the GPU suite is, for scripts that run it; they source this file with their own arguments:
# nothing in a bundle, or BUILD_DIR in a build tree. Sets tests (the program itself, since tools that
# watch it do not follow the script that starts it in a bundle), its data, shards (processes to run
# side by side) and logs (a folder that goes when the script ends).
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
if [[ $# -eq 1 ]]; then
  tests=$1/bin/octet_gpu_tests
  export OCTET_TEST_DATA=$here/../tests/data
else
  tests=$here/../lib/octet_gpu_tests.bin
  export OCTET_TEST_DATA=$here/../share/tests
  export LD_LIBRARY_PATH=$here/../lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi
cores=$(nproc)
shards=$((cores > 8 ? 8 : cores))
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
