#!/usr/bin/env bash
# Tests the package as users get it. Stages it, with the prebuilt addon of this machine, packs it, runs publint and
# are-the-types-wrong, and installs the tarball in an empty folder with neither a compiler nor Python on the PATH. Then
# uses it as ESM, as CommonJS, and from the oldest and the newest TypeScript, with both kinds of module resolution, and
# compiles its addon by `convforge build`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

# The addon, made now if it isn't there yet.
read -r addon target < <(node --input-type=module -e "
  import { prebuildName, prebuildTarget } from '$root/scripts/package/this-platform.mjs';
  console.log(prebuildName(), prebuildTarget());")
[ -e "prebuilds/$addon" ] || npm run --silent prebuild -- --only "$target"
node scripts/package/stage.mjs --out "$work/package"
npm pack --silent --pack-destination "$work" "$work/package" >/dev/null
node scripts/package/check-lints.mjs "$work"/convforge-*.tgz

# All that a user needs: Node, and npm to install it.
tools=$work/tools
mkdir "$tools" "$work/user"
ln -s "$(command -v node)" "$tools/node"
ln -s "$(readlink -f "$(command -v npm)")" "$tools/npm"
ln -s "$(command -v sh)" "$tools/sh"
cd "$work/user"
echo '{"private": true}' >package.json
PATH=$tools npm install --silent --ignore-scripts --no-audit --no-fund ../convforge-*.tgz

cat >use.mjs <<'JS'
import * as tf from 'convforge';
import { createRequire } from 'node:module';
const cjs = createRequire(import.meta.url)('convforge');
if (cjs.Tensor !== tf.Tensor) throw new Error('ESM and CommonJS have classes of their own');
for (const name of Object.keys(cjs)) if (!(name in tf)) throw new Error(`ESM lacks ${name}`);
const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
console.log(tf.engineInfo().isa, (await model.predict(tf.ones([1, 3]))).shape);
JS
PATH=$tools node use.mjs
PATH=$tools node node_modules/.bin/convforge info

cat >use.mts <<'TS'
import * as tf from 'convforge';
const model: tf.Sequential = tf.sequential();
model.add(tf.layers.dense({ units: 1, inputShape: [2] }));
export const out: tf.Tensor = model.predict(tf.ones([1, 2]));
// @ts-expect-error units is a number
tf.layers.dense({ units: '1' });
TS
cp use.mts use.cts
# Without skipLibCheck: a declaration that a version can't read would turn into `any`.
for typescript in "$root/scripts/package/node_modules/typescript" "$root/node_modules/typescript"; do
  options=(--noEmit --strict --target es2022 --types node --typeRoots "$root/node_modules/@types")
  node "$typescript/bin/tsc" "${options[@]}" --module nodenext use.mts use.cts
  node "$typescript/bin/tsc" "${options[@]}" --module esnext --moduleResolution bundler use.mts
  echo "types: $(node "$typescript/bin/tsc" --version)"
done

# From source. ccache, if CXX names it, has all of it from the clone's own build.
if PATH=$tools node node_modules/.bin/convforge build >build.log 2>&1; then
  echo 'convforge build found a compiler where none should be' >&2
  exit 1
fi
grep 'a C++20 compiler' build.log
node node_modules/.bin/convforge build
[ -e node_modules/convforge/build/Release/convforge.node ]
node use.mjs
