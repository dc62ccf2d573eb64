#!/usr/bin/env bash
# The checks that take long, in parts; .ci/run has each at its smallest setting:
#   prebuilds   builds the addons of all platforms, runs each where it can be run, and the test suite on this machine's
#   managers    installs the package with each package manager
#   tools       uses the package in test runners and bundlers
#   processors  runs the addon on old and new processors
#   models      trains and exchanges 3 x 1000 random models with TF.js
#   native      builds and runs the native tests in all builds
#   soak        trains and serves for half an hour
#   kills       kills trainings with checkpoints at 100 random points, and compares what they leave
#   mpi         kills one rank of several at 30 random points
#   allocations fails each allocation of a training and of predictions in turn
#   sanitizers  runs the TypeScript tests on an addon with sanitizers
#   fuzz        ten minutes of libFuzzer on the program parser, and 100,000 inputs for each reader
#   files       exchanges files of models with Keras, onnxruntime, PyTorch and TF.js, and opens models that packages ship
#   seeds       trains with the same seed on each instruction set, NEON too, and compares with kept hashes
#   site        opens every page of the site in a browser
# Usage: npm run check:long [-- part...]. Prints each part's time, and last how many passed. A part that fails doesn't
# stop the others.
set -uo pipefail
cd "$(dirname "$0")/.."

part_prebuilds() { npm run --silent prebuild && npm run --silent prebuild:verify -- --suite; }
part_managers() { with_addon && npm run --silent stage && npm run --silent check:managers; }
part_tools() { npm run --silent check:tools; }
part_processors() { with_addon && npm run --silent check:processors; }
part_native() { bash scripts/native-tests.sh && bash scripts/native-tests.sh rest; }
part_soak() { npm run --silent soak -- --seconds 1800; }
part_allocations() { node scripts/allocations/main.mjs; }
part_kills() { node scripts/kills/main.mjs; }
part_mpi() { MPI_KILLS=30 npx vitest run test/distribute/kills.test.ts; }
part_sanitizers() { npm run --silent test:sanitizers -- test; }
part_fuzz() { bash scripts/native-tests.sh fuzz && FUZZ_RUNS=100000 npx vitest run test/fuzz; }
part_seeds() {
  node scripts/one-seed/main.mjs --images 2048 && node scripts/one-seed/main.mjs --images 60000 &&
    npm run --silent prebuild -- --only linux-arm64 &&
    node scripts/one-seed/main.mjs --arm --images 2048 --threads 1,3
}
part_site() { npm run --silent docs && npm run --silent check:site -- --all; }
part_files() { bash scripts/files/check.sh; }
part_models() {
  local seed failed=0
  for seed in 5 11 31; do
    TFJS_MODELS=1000 TFJS_SEED=$seed npx vitest run test/tfjs/saved-by || failed=1
  done
  return $failed
}

# Makes this machine's addon, or what has changed of it.
with_addon() {
  local target
  target=$(node -e "import('./scripts/package/this-platform.mjs').then((own) => console.log(own.prebuildTarget()))")
  npm run --silent prebuild -- --only "$target"
}

all=(prebuilds managers tools processors models native soak kills mpi allocations sanitizers fuzz files seeds site)
parts=("$@")
[ $# -gt 0 ] || parts=("${all[@]}")
for part in "${parts[@]}"; do
  if [[ " ${all[*]} " != *" $part "* ]]; then
    echo "unknown part $part; there are ${all[*]}" >&2
    exit 2
  fi
done

npm run --silent compile || exit 1
times=()
failed=0
for part in "${parts[@]}"; do
  printf '\n==== %s\n' "$part"
  start=$SECONDS
  result=passed
  "part_$part" || {
    result=FAILED
    failed=$((failed + 1))
  }
  times+=("$(printf '%-12s%6d s  %s' "$part" $((SECONDS - start)) "$result")")
done
printf '\n'
printf '%s\n' "${times[@]}"
printf '%d passed, %d failed\n' $((${#parts[@]} - failed)) "$failed"
[ "$failed" -eq 0 ]
