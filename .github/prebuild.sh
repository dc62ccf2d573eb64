#!/usr/bin/env bash
# Builds the addon of one target with this machine's own compiler, unless prebuilds/ has it already. Then inspects it,
# runs it, and runs the test suite on it. Usage: prebuild.sh TARGET
set -euo pipefail
target=$1
npm ci --ignore-scripts
npm run compile
[ -d prebuilds ] || npm run prebuild -- --only "$target"
npm run prebuild:verify -- --only "$target"
# node-gyp-build then leaves out build/.
export PREBUILDS_ONLY=1
node dist/cli/main.js info
npx vitest run
