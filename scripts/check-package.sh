#!/usr/bin/env bash
# Tests the package as users get it: packs it, installs it in an empty project, where it builds its addon, and uses it as ESM, as
# CommonJS and from TypeScript, with both kinds of module resolution.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
npm pack --silent --ignore-scripts --pack-destination "$work" >/dev/null
cd "$work"
echo '{"private": true}' >package.json
# npm may skip the install scripts of dependencies, so the build is run explicitly.
npm install --silent --no-audit --no-fund ./convforge-*.tgz
[ -e node_modules/convforge/build/Release/convforge.node ] || npm rebuild --silent --foreground-scripts convforge >/dev/null

cat >use.mjs <<'JS'
import * as tf from 'convforge';
import { createRequire } from 'node:module';
const cjs = createRequire(import.meta.url)('convforge');
if (cjs.Tensor !== tf.Tensor) throw new Error('ESM and CommonJS have classes of their own');
for (const name of Object.keys(cjs)) if (!(name in tf)) throw new Error(`ESM lacks ${name}`);
const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
console.log(tf.engineInfo().isa, (await model.predict(tf.ones([1, 3]))).shape);
JS
node use.mjs

cat >use.mts <<'TS'
import * as tf from 'convforge';
const model: tf.Sequential = tf.sequential();
model.add(tf.layers.dense({ units: 1, inputShape: [2] }));
export const out: tf.Tensor = model.predict(tf.ones([1, 2]));
// @ts-expect-error units is a number
tf.layers.dense({ units: '1' });
TS
cp use.mts use.cts
tsc="$root/node_modules/.bin/tsc"
"$tsc" --noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node --typeRoots "$root/node_modules/@types" use.mts use.cts
"$tsc" --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target es2022 --types node --typeRoots "$root/node_modules/@types" use.mts
node node_modules/.bin/convforge info
