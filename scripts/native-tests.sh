#!/usr/bin/env bash
# The native core's own tests, in one or all of these builds, warnings being errors:
#   gcc        with GCC and libgomp, once for each instruction set that this machine has, the check of exported symbols, and the addon
#   clang      the same with clang and libomp
#   address    with AddressSanitizer and UndefinedBehaviorSanitizer
#   thread     with ThreadSanitizer, on std::thread, whose waiting it understands
#   arm64      cross-built, run under qemu
# Usage: native-tests.sh [build...] [--only TEXT], which runs the test cases whose name has TEXT
set -euo pipefail
cd "$(dirname "$0")/.."

quietly() { # command: says what it said only if it fails
  local said
  said=$("$@" 2>&1) || {
    printf '%s\n' "$said" >&2
    return 1
  }
}

configure() { # name, then options
  local name=$1
  shift
  cmake -S . -B "build-$name" -DCONVFORGE_WERROR=ON "$@" >/dev/null
  quietly cmake --build "build-$name" --parallel "$(nproc)"
}

# All instruction sets, side by side.
run() { # name, options of ctest
  local shown=(--output-on-failure)
  [ -z "${CONVFORGE_TEST:-}" ] || shown=(--verbose --tests-regex native)
  (cd "build-$1" && ctest "${shown[@]}" --parallel "$(nproc)" "${@:2}")
}

# The tests, and the addon with its binding, which has to load.
with_addon() { # name, compiler
  quietly npx cmake-js compile --out "build-$1" --parallel "$(nproc)" --CDCONVFORGE_WERROR=ON --CDCMAKE_CXX_COMPILER="$2"
  run "$1"
  node -p "require('./build-$1/Release/convforge.node').info()"
}

build_gcc() { with_addon gcc g++; }
build_clang() { with_addon clang clang++-14; }
build_address() {
  configure address -DCMAKE_CXX_COMPILER=g++ -DCONVFORGE_SANITIZE=address,undefined -DCONVFORGE_OPTIMIZE=-O1
  UBSAN_OPTIONS=halt_on_error=1 run address --exclude-regex exports
}
build_thread() {
  configure thread -DCMAKE_CXX_COMPILER=clang++-14 -DCONVFORGE_SANITIZE=thread -DCONVFORGE_OPENMP=OFF
  # Threads are the same on every instruction set.
  (cd build-thread && ./native_tests)
}
build_arm64() { configure arm64 -DCMAKE_TOOLCHAIN_FILE="$PWD/scripts/arm64-toolchain.cmake" && run arm64; }

builds=()
while [ $# -gt 0 ]; do
  case $1 in
    --only)
      export CONVFORGE_TEST="*$2*"
      shift
      ;;
    *) builds+=("$1") ;;
  esac
  shift
done
[ ${#builds[@]} -gt 0 ] || builds=(gcc clang address thread arm64)
for build in "${builds[@]}"; do
  echo "== native tests: $build"
  "build_$build"
done
