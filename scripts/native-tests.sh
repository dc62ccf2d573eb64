#!/usr/bin/env bash
# The native core's own tests, in one or all of these builds, warnings being errors:
#   gcc        with GCC and libgomp, once for each instruction set that this machine has, and the check of exported symbols
#   clang      the same with clang and libomp
#   address    with AddressSanitizer and UndefinedBehaviorSanitizer
#   thread     with ThreadSanitizer, on std::thread, whose waiting it understands
#   arm64      cross-built, run under qemu
# Usage: native-tests.sh [build...]
set -euo pipefail
cd "$(dirname "$0")/.."

configure() { # name, then options
  local name=$1
  shift
  cmake -S . -B "build-$name" -DCONVFORGE_WERROR=ON "$@" >/dev/null
  cmake --build "build-$name" --parallel "$(nproc)" >"build-$name/log" 2>&1 || {
    cat "build-$name/log" >&2
    return 1
  }
}

run() { (cd "build-$1" && ctest --output-on-failure); }

build_gcc() { configure gcc -DCMAKE_CXX_COMPILER=g++ && run gcc; }
build_clang() { configure clang -DCMAKE_CXX_COMPILER=clang++-14 && run clang; }
build_address() {
  configure address -DCMAKE_CXX_COMPILER=g++ -DCONVFORGE_SANITIZE=address,undefined -DCONVFORGE_OPTIMIZE=-O1
  (cd build-address && UBSAN_OPTIONS=halt_on_error=1 ctest --output-on-failure --exclude-regex exports)
}
build_thread() {
  configure thread -DCMAKE_CXX_COMPILER=clang++-14 -DCONVFORGE_SANITIZE=thread -DCONVFORGE_OPENMP=OFF
  (cd build-thread && ctest --output-on-failure --exclude-regex exports)
}
build_arm64() { configure arm64 -DCMAKE_TOOLCHAIN_FILE="$PWD/scripts/arm64-toolchain.cmake" && run arm64; }

builds=("$@")
[ ${#builds[@]} -gt 0 ] || builds=(gcc clang address thread arm64)
for build in "${builds[@]}"; do
  echo "== native tests: $build"
  "build_$build"
done
