// Makes the files of test/graph-model/graphs: small graph models of TF.js with TF.js's answers.
//
//     npm install --prefix /tmp/tfjs @tensorflow/tfjs-core@4.22.0 \
//       @tensorflow/tfjs-converter@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
//     node scripts/golden/make-graph-models.mjs /tmp/tfjs test/graph-model/graphs
//     npx biome format --write test/graph-model/graphs
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { GRAPHS } from './graph-models.mjs';

const [, , packages, target] = process.argv;
const require = createRequire(path.join(path.resolve(packages), 'index.js'));
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { loadGraphModel } = require('@tensorflow/tfjs-converter');

const rounded = (values) => Array.from(values, (value) => Math.fround(Number(value.toPrecision(8))));

for (const { name, artifacts, inputs, nodes } of GRAPHS) {
  const model = await loadGraphModel({
    load: async () => ({
      ...artifacts,
      weightData: new Uint8Array(Buffer.from(artifacts.weightBase64, 'base64')).buffer,
    }),
  });
  const given = Object.fromEntries(
    Object.entries(inputs).map(([key, { shape, values }]) => [key, tf.tensor(values, shape)]),
  );
  const outputs = [model.execute(given, nodes)].flat();
  const answers = outputs.map((tensor) => ({ shape: tensor.shape, values: rounded(tensor.dataSync()) }));
  writeFileSync(path.join(target, `${name}.json`), JSON.stringify({ artifacts, inputs, outputs: answers }));
}
