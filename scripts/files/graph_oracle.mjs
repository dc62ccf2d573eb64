// What TF.js computes with a graph model: `node graph_oracle.mjs FOLDER`, beside an installed @tensorflow/tfjs. FOLDER has the
// model and a case.json of real_models.py, which gets the outputs.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const tf = createRequire(join(process.cwd(), 'package.json'))('@tensorflow/tfjs');
const folder = resolve(process.argv[2]);
const read = (file) => readFileSync(join(folder, file));
const json = JSON.parse(read('model.json'));
const specs = json.weightsManifest.flatMap(({ weights }) => weights);
const shards = json.weightsManifest.flatMap(({ paths }) => paths.map(read));
const data = Buffer.concat(shards);
const artifacts = {
  ...json,
  weightSpecs: specs,
  weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
};
await tf.setBackend('cpu');
const model = await tf.loadGraphModel({ load: async () => artifacts });
const described = JSON.parse(read('case.json'));
const inputs = described.inputs.map(({ shape, file }) => {
  const bytes = read(file);
  return tf.tensor(
    new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
    shape,
  );
});
const results = [model.predict(inputs)].flat();
described.oracle = `tfjs ${tf.version.tfjs}`;
described.outputs = results.map((tensor, i) => {
  const file = `output_${i}.bin`;
  const values = tensor.dataSync();
  writeFileSync(join(folder, file), Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  return { name: model.outputs[i].name, shape: tensor.shape, file };
});
writeFileSync(join(folder, 'case.json'), `${JSON.stringify(described, null, 1)}\n`);
