// Writes test/surface/tfjs-names.json: the functions and classes that TF.js exports, which a test looks for in convforge. The argument
// is a folder after `npm install @tensorflow/tfjs@4.22.0` and `npm pack @tensorflow/tfjs-node@4.22.0`, unpacked as package/:
//     node scripts/tfjs-names.mjs /tmp/tfjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? '.');
const require = createRequire(join(folder, 'index.js'));
const tf = require('@tensorflow/tfjs');
const { version } = require('@tensorflow/tfjs/package.json');

/** Strings name kernels for registerKernel, and numbers are constants. Neither is called. */
const functionsOf = (object) =>
  Object.keys(object)
    .filter((name) => typeof object[name] === 'function')
    .sort();

/** A class of TF.js whose static methods alone matter. */
const { train, ...others } = tf;
const names = { tf: functionsOf(others) };
names['tf.train'] = Object.getOwnPropertyNames(train)
  .filter((name) => !(name in Function.prototype || name === 'prototype'))
  .sort();
for (const [name, value] of Object.entries(tf)) {
  if (value === null || typeof value !== 'object') continue;
  const functions = functionsOf(value);
  if (functions.length > 0) names[`tf.${name}`] = functions;
}

const node = readFileSync(join(folder, 'package/dist/node.d.ts'), 'utf8');
names['tf.node'] = [...node.matchAll(/^ {4}(\w+): typeof/gm)].map(([, name]) => name).sort();

/** Methods only. Accessors, such as rank, aren't called. */
const prototype = Object.getOwnPropertyDescriptors(tf.Tensor.prototype);
names['tf.Tensor.prototype'] = Object.keys(prototype)
  .filter((name) => name !== 'constructor' && typeof prototype[name].value === 'function')
  .sort();

const source = `@tensorflow/tfjs ${version}, and its Node package's namespace node; written by scripts/tfjs-names.mjs`;
const lines = Object.keys(names)
  .sort()
  .map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(names[name])}`);
writeFileSync(
  resolve(import.meta.dirname, '../test/surface/tfjs-names.json'),
  `{\n  "source": ${JSON.stringify(source)},\n  "names": {\n${lines.join(',\n')}\n  }\n}\n`,
);
