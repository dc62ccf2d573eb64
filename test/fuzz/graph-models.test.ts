import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import { fuzz, LIMIT_MS, Outcomes } from './fuzz.js';
import { byteEdits, editBytes, editJson, jsonEdits } from './mutations.js';

// Graph models whose nodes or weights are changed at random. A model loads, or loading is refused with a
// ConvforgeError; what loads computes, or is refused likewise.

const FOLDER = path.join(__dirname, '..', 'graph-model', 'graphs');
const graphs = readdirSync(FOLDER).map((name) => readFileSync(path.join(FOLDER, name), 'utf8'));
const graph = fc.nat(graphs.length - 1);

function artifactsOf(index: number): { artifacts: Record<string, unknown>; weights: Buffer } {
  const { weightBase64, ...artifacts } = JSON.parse(graphs[index]).artifacts;
  return { artifacts, weights: Buffer.from(weightBase64, 'base64') };
}

/** Loads a graph, and predicts with it if it is small. */
async function load(artifacts: object, weights: Buffer, outcomes: Outcomes): Promise<void> {
  let loaded: tf.GraphModel | undefined;
  const weightData = new Uint8Array(weights).buffer;
  await outcomes.of(async () => {
    loaded = await tf.loadGraphModel(tf.io.fromMemory({ ...artifacts, weightData } as tf.io.ModelArtifacts));
  });
  expect(Object.prototype).not.toHaveProperty('a');
  if (!loaded) return;
  const { model } = loaded;
  const sizeOf = (shape: readonly (number | null)[]) => shape.reduce<number>((size, n) => size * (n ?? 8), 1);
  const sizes = model.layers.flatMap((layer) => layer.outputs.map(({ shape }) => sizeOf(shape)));
  if (Math.max(...sizes) <= 1e6) {
    await new Outcomes().of(async () => {
      const x = model.inputs.map(({ shape }) => tf.zeros([1, ...shape.slice(1).map((size) => size ?? 8)]));
      for (const output of [model.predict(x as never)].flat()) (output as tf.Tensor).dataSync();
    });
  }
  loaded.dispose();
}

test('graphs with other values', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({ graph, edits: jsonEdits });
  const outcomes = await fuzz('graph models, values', input, async (given, outcomes) => {
    const { artifacts, weights } = artifactsOf(given.graph);
    const edited = editJson(JSON.parse(JSON.stringify(artifacts)), given.edits);
    const isObject = edited !== null && typeof edited === 'object' && !Array.isArray(edited);
    await load(isObject ? (edited as object) : {}, weights, outcomes);
  });
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});

test('nodes and attributes with other values', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({ graph, node: fc.nat(), edits: jsonEdits });
  const outcomes = await fuzz('graph models, nodes', input, async (given, outcomes) => {
    const { artifacts, weights } = artifactsOf(given.graph);
    const { node } = artifacts.modelTopology as { node: unknown[] };
    const at = given.node % node.length;
    node[at] = editJson(node[at], given.edits);
    await load(artifacts, weights, outcomes);
  });
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
  expect(outcomes.count('CORRUPT_FILE')).toBeGreaterThan(0);
});

test('axes, sizes and weights of other values', { timeout: LIMIT_MS }, async () => {
  const input = fc.record({ graph, edits: byteEdits });
  const outcomes = await fuzz('graph models, weights', input, async (given, outcomes) => {
    const { artifacts, weights } = artifactsOf(given.graph);
    await load(artifacts, editBytes(weights, given.edits), outcomes);
  });
  expect(outcomes.count('loaded')).toBeGreaterThan(0);
});
