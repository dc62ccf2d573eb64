#!/usr/bin/env bash
# Runs the tests of the native core in one or all of these builds, with warnings as errors:
#   gcc        GCC and libgomp, once for each instruction set of this machine; also checks exported symbols and builds the addon
#   clang      as gcc, with clang and libomp
#   address    AddressSanitizer and UndefinedBehaviorSanitizer, on the best instruction set of this machine
#   thread     ThreadSanitizer, with std::thread, whose synchronization it understands
#   arm64      cross-compiled, and NEON run under qemu
#   rest       what takes long: each file compiled by itself, so that it includes what it uses; all instruction sets of this
#              machine with the sanitizers of `address`; scalar code on arm64
# Usage: native-tests.sh [build...] [--only TEXT]. --only runs the test cases whose name contains TEXT.
set -euo pipefail
cd "$(dirname "$0")/.."

source scripts/sanitized-build.sh

quietly() { # command: says what it said only if it fails
  local said
  said=$("$@" 2>&1) || {
    printf '%s\n' "$said" >&2
    return 1
  }
}

# Sources compiled as one, which takes a third of the time.
unit_files=20

configure() { # name, then options
  local name=$1
  shift
  cmake -S . -B "build-$name" -DCONVFORGE_WERROR=ON -DCONVFORGE_UNIT_FILES=$unit_files "$@" >/dev/null
  quietly cmake --build "build-$name" --parallel "$(nproc)"
}

# Runs the files of tests in parallel, with --only those that have its text.
run() { # name, options of ctest
  local shown=(--output-on-failure --no-tests=error)
  [ -z "$only" ] || shown=(--verbose --tests-regex "native_[a-z0-9]*_($(files_with "$only"))\$")
  (cd "build-$1" && ctest "${shown[@]}" --parallel "$(nproc)" "${@:2}")
}

files_with() { # text: prints names such as gemm|pool
  grep -liF -- "$1" native/test/*_test.cpp | sed 's|.*/||; s|_test.cpp||' | paste -sd '|'
}

# Builds and runs the tests, and builds the addon, which must load.
with_addon() { # name, compiler, sources compiled as one
  quietly npx cmake-js compile --out "build-$1" --parallel "$(nproc)" --CDCONVFORGE_WERROR=ON \
    --CDCONVFORGE_UNIT_FILES="$3" --CDCMAKE_CXX_COMPILER="$2"
  run "$1"
  node -p "require('./build-$1/Release/convforge.node').info()"
}

build_gcc() { with_addon gcc g++ $unit_files; }
build_clang() { with_addon clang clang++-14 $unit_files; }
# An allocation that fails returns null, as without sanitizers.
sanitized() {
  ASAN_OPTIONS=allocator_may_return_null=1 TSAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1 "$@"
}

build_address() {
  quietly sanitized_build build-address/build "$(other_targets)"
  sanitized run address/build --exclude-regex "exports|native_($(other_targets | tr ';' '|'))"
}
build_thread() {
  configure thread -DCMAKE_CXX_COMPILER=clang++-14 -DCONVFORGE_SANITIZE=thread -DCONVFORGE_OPENMP=OFF \
    "-DCONVFORGE_UNCHECKED=$(other_targets)"
  # Threading is the same on every instruction set. These test kernels alone, which know of no threads.
  local kernels='kernels|gemm|depthwise|activation|fused|tone|element_loss|binary|unary'
  sanitized run thread --exclude-regex "^(fuzz|bench|exports)|native_($(other_targets | tr ';' '|'))|_($kernels)\$"
}
build_arm64() {
  configure arm64 -DCMAKE_TOOLCHAIN_FILE="$PWD/scripts/prebuild/toolchains/arm64-gcc.cmake"
  run arm64 --exclude-regex native_scalar
}
build_rest() {
  configure apart -DCMAKE_CXX_COMPILER=clang++-14 -DCONVFORGE_UNIT_FILES=0
  quietly sanitized_build build-address/all ''
  sanitized run address/all --exclude-regex exports
  build_arm64
  run arm64 --tests-regex native_scalar
}
build_fuzz() {
  configure fuzz -DCMAKE_CXX_COMPILER=clang++-14 -DCONVFORGE_FUZZ=ON -DCONVFORGE_OPENMP=OFF -DCONVFORGE_OPTIMIZE=-O1
  node scripts/fuzz-corpus.mjs unpack build-fuzz/corpus
  local seconds=${FUZZ_SECONDS:-600}
  (cd build-fuzz && CONVFORGE_ISA=scalar ./program_fuzz -max_total_time="$seconds" -max_len=512 -timeout=60 \
    -rss_limit_mb=2048 -malloc_limit_mb=768 -print_final_stats=1 corpus)
}

builds=()
only=
while [ $# -gt 0 ]; do
  case $1 in
    --only)
      only=$2
      export CONVFORGE_TEST="*$only*"
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
