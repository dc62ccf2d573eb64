#!/usr/bin/env bash
# Runs the TypeScript tests on an addon with AddressSanitizer and UndefinedBehaviorSanitizer, in the Node that is installed,
# then the native tests with ThreadSanitizer. The addon lies in build-address/, as that of the native tests, and
# node-gyp-build loads it because CONVFORGE_PREBUILD names that folder. Any report fails the run and is printed; reports are
# kept in build-address/reports.
# Usage: npm run test:sanitizers [-- path...]. With paths, runs the TypeScript tests under them alone.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/sanitized-build.sh
folder=$PWD/build-address
reports=$folder/reports

echo '== an addon with AddressSanitizer and UndefinedBehaviorSanitizer'
mkdir -p "$folder"
sanitized_build "$folder/build" "$(other_targets)" >"$folder/build.log" 2>&1 || {
  tail -40 "$folder/build.log" >&2
  exit 1
}
npm run --silent compile

rm -rf "$reports"
mkdir "$reports"
# Node isn't linked to them, and they must come first. AddressSanitizer needs the C++ library's __cxa_throw beside it.
preloaded="$(realpath "$(g++ -print-file-name=libasan.so)") $(realpath "$(g++ -print-file-name=libstdc++.so.6)")"
# Leaks aren't looked for at the end of a process, since Node leaves its memory to the system there. The native tests
# look for leaks of the core, and tests that measure memory for those of the binding.
# An allocation that fails returns null, as without AddressSanitizer.
address=detect_leaks=0:allocator_may_return_null=1:log_path=$reports/address
undefined=halt_on_error=1:print_stacktrace=1:log_path=$reports/undefined
# What they can't run: compilers and a browser with a sanitizer preloaded, memory that is limited to less than
# AddressSanitizer reserves, and what mpirun says of preloaded libraries.
without=()
for file in cli/build-command report/in-browser reliability/memory distribute/cli; do
  without+=(--exclude "test/$file.test.ts")
done
echo '== the TypeScript tests'
status=0
env CONVFORGE_PREBUILD="$folder" LD_PRELOAD="$preloaded" ASAN_OPTIONS="$address" UBSAN_OPTIONS="$undefined" \
  npx vitest run --testTimeout=300000 --hookTimeout=60000 "${without[@]}" "$@" || status=$?
found=$(find "$reports" -type f | wc -l)
if [ "$found" -gt 0 ]; then
  head -n 60 "$reports"/* >&2
  status=1
fi
echo "$found reports of sanitizers"
[ "$status" -eq 0 ] || exit 1
[ $# -gt 0 ] || bash scripts/native-tests.sh thread
