// Kinds of large files, each with some 100 MB: how one is made and read. For large-files.mjs.
import { createRequire } from 'node:module';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import tf from '../../dist/main.js';

const require = createRequire(import.meta.url);

/** Units of the layers of a model of `size` times 25 million weights, two thirds of them in one. */
const units = (size) => [1024, 4096, 4096, 1024].map((each) => Math.round(each * Math.sqrt(size)));

function network(size) {
  const [inputs, ...rest] = units(size);
  const layers = rest.map((each, i) =>
    tf.layers.dense({ units: each, ...(i === 0 && { inputShape: [inputs] }) }),
  );
  const model = tf.sequential({ layers });
  return model;
}

function compiled(size) {
  const model = network(size);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

/** A kind that `model.save` writes. */
const saved = (ending, read = tf.loadModel) => ({
  ending,
  make: network,
  write: (path, model) => model.save(path),
  read,
});

/** A .h5 file whose large arrays lie in chunks. */
async function writeChunks(path, model, rowsOf, compression) {
  const plain = `${path}.h5`;
  await model.save(plain);
  const hdf5 = await import('h5wasm');
  const { FS } = await hdf5.ready;
  FS.writeFile('/plain.h5', readFileSync(plain));
  rmSync(plain);
  const from = new hdf5.File('/plain.h5', 'r');
  const to = new hdf5.File('/chunks.h5', 'w');
  copyGroup(from, to, (shape) => ({ chunks: [rowsOf(shape[0]), ...shape.slice(1)], compression }));
  from.close();
  to.close();
  writeFileSync(path, FS.readFile('/chunks.h5'));
  for (const file of ['/plain.h5', '/chunks.h5']) FS.unlink(file);
}

function copyGroup(from, to, storage) {
  for (const [name, { value, shape }] of Object.entries(from.attrs))
    to.create_attribute(name, value, shape.length > 0 ? shape : undefined);
  for (const name of from.keys()) {
    const member = from.get(name);
    if (member.type === 'Group') copyGroup(member, to.create_group(name), storage);
    else to.create_dataset({ name, data: member.value, shape: member.shape, ...storage(member.shape) });
  }
}

const chunked = (rowsOf, compression) => ({
  ending: '.h5',
  make: network,
  write: (path, model) => writeChunks(path, model, rowsOf, compression),
  isOthers: true,
  read: tf.loadModel,
});

/** An ONNX file of matrix products, whose weights are tensors of the file or filled by ConstantOfShape. */
function writeProducts(path, size, storage) {
  const { GRAPH, MODEL } = require('../../dist/onnx/messages.js');
  const { fieldHeader, writeMessage } = require('../../dist/onnx/write-message.js');
  const sizes = units(size);
  const value = (name, count) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimValue: count }] } } },
  });
  const node = (opType, input, output, attribute = []) => ({
    opType,
    name: output,
    input,
    output: [output],
    attribute,
  });
  const nodes = sizes.slice(1).map((_, i) => node('MatMul', [`x${i}`, `w${i}`], `x${i + 1}`));
  const shapes = sizes.slice(1).map((columns, i) => [sizes[i], columns]);
  const initializer = storage(shapes, nodes, node);
  const graph = writeMessage(GRAPH, {
    node: nodes,
    name: 'products',
    initializer,
    input: [value('x0', sizes[0])],
    output: [value('x3', sizes[3])],
  });
  const head = writeMessage(MODEL, { irVersion: 8, opsetImport: [{ domain: '', version: 17 }] });
  writeFileSync(path, Buffer.concat([head, fieldHeader(MODEL, 'graph', graph.length), graph]));
}

/** Data that begin at odd places. */
const unaligned = (shapes) =>
  shapes.map((dims, i) => ({
    dims,
    dataType: 1,
    name: `w${i}`,
    rawData: new Uint8Array(4 * dims[0] * dims[1]),
  }));

const filled = (shapes, nodes, node) =>
  shapes.map((dims, i) => {
    nodes.unshift(node('ConstantOfShape', [`s${i}`], `w${i}`));
    const bytes = new Uint8Array(BigInt64Array.from(dims, BigInt).buffer);
    return { dims: [2], dataType: 7, name: `s${i}`, rawData: bytes };
  });

const products = (storage) => ({
  ending: '.onnx',
  make: (size) => size,
  write: (path, size) => writeProducts(path, size, storage),
  isOthers: true,
  read: tf.loadModel,
});

/** A number of arrays, which have 25 million elements together. */
const tensors = (count) => ({
  ending: '.safetensors',
  make: (size) => {
    const length = Math.round((25e6 * size) / count);
    return Object.fromEntries(Array.from({ length: count }, (_, i) => [`w${i}`, tf.zeros([length])]));
  },
  write: (path, made) => tf.io.writeSafetensors(path, made),
  read: tf.io.readSafetensors,
});

export const KINDS = {
  'model.json': { ...saved(''), read: tf.loadLayersModel },
  '.keras': saved('.keras'),
  '.keras, compiled': { ...saved('.keras'), make: compiled },
  '.h5': saved('.h5'),
  '.h5, chunks of rows': chunked((rows) => Math.min(rows, 64)),
  '.h5, a chunk each': chunked((rows) => rows),
  '.h5, packed chunks': chunked((rows) => Math.min(rows, 64), 1),
  '.onnx': saved('.onnx'),
  '.onnx, unaligned': products(unaligned),
  '.onnx, filled': { ...products(filled), isSmall: true },
  safetensors: tensors(40),
  'safetensors, 12,000': tensors(12_000),
};
