#!/usr/bin/env bash
# Compares files both ways with Keras, onnxruntime, PyTorch and TF.js: `npm run check:long files`. Makes a Python environment of
# requirements.txt in build/files (some 9 GB), unless CONVFORGE_PYTHON names an interpreter that has them.
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=build/files
mkdir -p "$folder"
python=${CONVFORGE_PYTHON:-$folder/venv/bin/python}
if [ ! -x "$python" ]; then
  python3 -m venv "$folder/venv" && "$python" -m pip install -q -r scripts/files/requirements.txt || exit 1
fi

failed=0
run() {
  printf '\n-- %s\n' "$1"
  shift
  "$@" || failed=$((failed + 1))
}
run 'what Keras says of our files, and we of its' node scripts/files/exchange-keras.mjs --python "$python"
run 'what onnxruntime says of our files' npx tsx scripts/golden/onnx-written/main.ts "$python"
run "onnx's own suite" bash -c "$python scripts/golden/onnx/export_conformance.py $folder/conformance >/dev/null &&
  npx tsx scripts/onnx-conformance.ts $folder/conformance"
run 'real models are fetched and made' "$python" scripts/files/real_models.py "$folder/real"
run 'real models' npx tsx scripts/files/check-real-models.ts "$folder/real"
run 'files of 100 MB' node scripts/files/large-files.mjs
printf '\n%d failed\n' "$failed"
[ "$failed" -eq 0 ]
