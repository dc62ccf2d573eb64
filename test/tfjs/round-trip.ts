import { basename } from 'node:path';
import { expect } from 'vitest';
import * as tf from '../../lib/index.js';
import { namedWeights } from '../../lib/network/file-names.js';
import { loadOurs, saveOurs, saveTheirs, valuesOf } from './artifacts.js';
import { expectSameUpToRounding, ROUNDOFF, slotNoise, sumRoundoff } from './closeness.js';
import { buildGraph } from './generator/build.js';
import { Draw } from './generator/draw.js';
import type { Limit, ModelSpec } from './generator/spec.js';
import { drawSamples, drawWeight, type Samples, type Values } from './samples.js';
import { TfjsRuns } from './tfjs-runs.js';

/** Thrown if a model's values become too large or small to be compared. Another model must be drawn. */
export class Unfit extends Error {}

const STEPS = 3;

/** Limits that don't affect the training of a loaded model. */
const UNTOUCHED: ReadonlySet<Limit> = new Set(['formulas', 'geluNew']);

/** Makes, saves, loads and trains one model in both packages, and compares the results. */
export class RoundTrip {
  readonly #samples: Samples;
  readonly #roundoff: number;

  constructor(private readonly spec: ModelSpec) {
    this.#samples = drawSamples(spec);
    this.#roundoff = sumRoundoff(spec.samples * 400);
  }

  /** Made and saved here, loaded, trained and saved by TF.js, loaded here. */
  async fromHere(): Promise<void> {
    if (!this.#isReadBack) return;
    const ours = this.#make();
    for (let step = 0; step < this.spec.training.warmUp; step++) await this.#trainOurs(ours);
    const theirs = await TfjsRuns.load(await saveOurs(ours, true), this.#roundoff);
    try {
      if (!this.spec.limits.has('formulas')) await this.#compare(ours, theirs);
      if (!this.#returns) return;
      const again = await loadOurs(await saveTheirs(theirs.first, this.#savesState));
      expect(topologyOf(again)).toEqual(topologyOf(ours));
      this.#comparePredictions(again, theirs);
      if (this.#savesState && this.#trains) await this.#step(again, theirs, 'a step after TF.js saved');
      again.dispose();
    } finally {
      theirs.dispose();
      ours.dispose();
    }
  }

  /** Made and saved by TF.js, loaded, trained and saved here, loaded by TF.js. */
  async fromTfjs(): Promise<void> {
    if (!this.#returns) return;
    const theirs = TfjsRuns.make(this.spec, this.#roundoff);
    try {
      const warmUp = this.#trains ? this.spec.training.warmUp : 0;
      for (let step = 0; step < warmUp; step++) await theirs.train(this.#samples);
      const ours = await loadOurs(await saveTheirs(theirs.first, this.#savesState));
      if (!this.#savesState) this.#compile(ours);
      await this.#compare(ours, theirs);
      if (!this.#isReadBack) return ours.dispose();
      const theirsAgain = await TfjsRuns.load(await saveOurs(ours, this.#savesState), this.#roundoff);
      const again = await loadOurs(await saveTheirs(theirsAgain.first, false));
      expect(topologyOf(again)).toEqual(topologyOf(ours));
      this.#comparePredictions(ours, theirsAgain);
      if (this.#savesState && this.#trains) await this.#step(ours, theirsAgain, 'a step after we saved');
      theirsAgain.dispose();
      again.dispose();
      ours.dispose();
    } finally {
      theirs.dispose();
    }
  }

  /** Whether TF.js can train the model with the same result as convforge. */
  get #trains(): boolean {
    const { limits } = this.spec;
    return [...limits].every((limit) => UNTOUCHED.has(limit));
  }

  /** Whether TF.js can load the model. */
  get #isReadBack(): boolean {
    return !this.spec.limits.has('geluNew');
  }

  /** Whether TF.js can save the model. */
  get #returns(): boolean {
    return !this.spec.limits.has('depthMultiplier');
  }

  /** TF.js can neither save nor load Adamax's state. */
  get #savesState(): boolean {
    return this.spec.training.optimizer.make !== 'adamax';
  }

  #make(): tf.LayersModel {
    const model: tf.LayersModel = buildGraph(tf, this.spec.graph);
    const draw = new Draw(this.spec.dataSeed + 1);
    const weights = namedWeights(model).map(({ name, shape }) => drawWeight(draw, name, shape));
    model.setWeights(weights.map(toTensor));
    this.#compile(model);
    return model;
  }

  #compile(model: tf.LayersModel): void {
    const { losses, metrics, optimizer } = this.spec.training;
    // The names are plain strings here, not literal types.
    const compile = (options: object) => model.compile(options as Parameters<typeof model.compile>[0]);
    const train = tf.train as unknown as Record<
      string,
      (...args: readonly unknown[]) => tf.optimizers.Optimizer
    >;
    compile({
      optimizer: optimizer.args ? train[optimizer.make](...optimizer.args) : optimizer.make,
      loss: losses.length === 1 ? losses[0] : losses,
      metrics: [...metrics],
    });
  }

  /** Compares predictions, scores and training steps of two models with the same weights. */
  async #compare(ours: tf.LayersModel, theirs: TfjsRuns): Promise<void> {
    expect(ours.layers.map(({ name }) => name)).toEqual(theirs.first.layers.map(({ name }) => name));
    this.#comparePredictions(ours, theirs);
    this.#compareScores(ours, theirs);
    if (!this.#trains) return;
    for (let step = 1; step <= STEPS; step++) await this.#step(ours, theirs, `step ${step}`);
  }

  #comparePredictions(ours: tf.LayersModel, theirs: TfjsRuns): void {
    const expected = theirs.predict(this.#samples.x);
    this.#checkFit(expected);
    const outputs = list(ours.predict(this.#samples.x.map(toTensor)));
    outputs.forEach((output, i) => {
      expect(output.shape.slice(1)).toEqual(this.spec.outputShapes[i]);
      this.#same(`predictions, output ${i + 1}`, output.dataSync(), expected[i]);
    });
  }

  /** Throws Unfit for outputs that TF.js's epsilons would affect. */
  #checkFit(outputs: readonly (readonly Float32Array[])[]): void {
    const { outputShapes, training } = this.spec;
    outputs.forEach(([output], i) => {
      if (!isFit(output, outputShapes[i].at(-1) as number, training.losses[i])) throw new Unfit();
    });
  }

  #compareScores(ours: tf.LayersModel, theirs: TfjsRuns): void {
    const { x, y } = this.#samples;
    const scores = list(ours.evaluate(x.map(toTensor), y.map(toTensor)));
    const expected = theirs.evaluate(this.#samples);
    expect(scores).toHaveLength(expected.length);
    scores.forEach((score, i) => {
      this.#sameScore(`evaluation, score ${i + 1}`, score.dataSync()[0], expected[i]);
    });
  }

  async #step(ours: tf.LayersModel, theirs: TfjsRuns, what: string): Promise<void> {
    const scores = await this.#trainOurs(ours);
    const expected = await theirs.train(this.#samples);
    this.#checkFit(theirs.predict(this.#samples.x));
    expect(scores).toHaveLength(expected.length);
    scores.forEach((score, i) => {
      this.#sameScore(`${what}, score ${i + 1}`, score, expected[i]);
    });
    await this.#compareStates(ours, theirs, what);
  }

  async #compareStates(ours: tf.LayersModel, theirs: TfjsRuns, what: string): Promise<void> {
    const { weights, slots } = valuesOf(await saveOurs(ours, true));
    const { weights: expected } = theirs;
    const names = theirs.first.weights.map(({ originalName }) => originalName);
    expect(weights.map(({ name }) => name)).toEqual(names);
    weights.forEach(({ name, values }, i) => {
      this.#same(`${what}, ${name}`, values, expected[i]);
    });
    const kept = await theirs.optimizer();
    const own = kept.names ? slots : slots.slice(1);
    expect(own).toHaveLength(kept.slots.length);
    const largest = new Map<string, number>();
    const largestOf = (values: Float32Array) =>
      values.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    for (const { name, values } of own) {
      const kind = basename(name);
      largest.set(kind, Math.max(largest.get(kind) ?? 0, largestOf(values)));
    }
    own.forEach(({ name, values }, i) => {
      // TF.js's RMSProp keeps the last step there, and doesn't use it.
      const isUnused = name.endsWith('/momentum') && values.every((value) => value === 0);
      const ofKind = largest.get(basename(name)) as number;
      const noise = slotNoise(name, ofKind, largestOf(values), this.#roundoff);
      if (!isUnused) this.#same(`${what}, ${name}`, values, kept.slots[i], noise);
    });
  }

  async #trainOurs(ours: tf.LayersModel): Promise<readonly number[]> {
    const { x, y } = this.#samples;
    return list(await ours.trainOnBatch(x.map(toTensor), y.map(toTensor)));
  }

  /** A loss near 0 consists of the rounding errors of probabilities near 1. */
  #sameScore(what: string, score: number, runs: readonly number[]): void {
    const each = runs.map((value) => [value]);
    this.#same(what, [score], each, ROUNDOFF);
  }

  #same(what: string, actual: ArrayLike<number>, runs: readonly ArrayLike<number>[], noise = 0): void {
    expectSameUpToRounding(what, actual, runs, this.#roundoff, noise);
  }
}

const toTensor = ({ shape, values }: Values): tf.Tensor => tf.tensor(values, [...shape]);

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/** TF.js clips probabilities to [epsilon, 1 - epsilon], and rounds 1 - p before that. */
const CLEAR_OF_CLIPPING = 1e-4;

/** TF.js has a different epsilon in the norm of a vector. */
const CLEAR_OF_ZERO = 1e-2;

function isFit(output: Float32Array, length: number, loss: string): boolean {
  const isClipped = /crossentropy|kullback/i.test(loss);
  const isMeant = (value: number) =>
    Math.abs(value) < 100 &&
    (!isClipped || Math.min(Math.abs(value), Math.abs(1 - value)) > CLEAR_OF_CLIPPING);
  const rows = Array.from({ length: output.length / length }, (_, row) =>
    output.subarray(row * length, (row + 1) * length),
  );
  return output.every(isMeant) && rows.every((row) => Math.hypot(...row) > CLEAR_OF_ZERO);
}

/** Initializers that TF.js saves as VarianceScaling, unlike Keras. */
const SCALINGS: Readonly<Record<string, object>> = {
  GlorotUniform: { scale: 1, mode: 'fan_avg', distribution: 'uniform' },
  GlorotNormal: { scale: 1, mode: 'fan_avg', distribution: 'normal' },
  HeUniform: { scale: 2, mode: 'fan_in', distribution: 'uniform' },
  HeNormal: { scale: 2, mode: 'fan_in', distribution: 'normal' },
  LeCunUniform: { scale: 1, mode: 'fan_in', distribution: 'uniform' },
  LeCunNormal: { scale: 1, mode: 'fan_in', distribution: 'normal' },
};

/** The part of a model's topology that TF.js preserves. */
function topologyOf(model: tf.LayersModel): unknown {
  return plain(model.toJSON(null, false).config);
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const { convforge: _, ...object } = value as Record<string, unknown>;
  const { class_name: name, config } = object as { class_name?: string; config?: Record<string, unknown> };
  if (name !== undefined && SCALINGS[name])
    return { class_name: 'VarianceScaling', config: { ...SCALINGS[name], ...config } };
  // TF.js counts axes from the first one.
  if (name === 'LayerNormalization') object.config = { ...config, axis: [config?.axis].flat().length };
  // TF.js has one initializer for both kernels.
  if (name === 'SeparableConv2D') object.config = { ...config, pointwise_initializer: undefined };
  // TF.js writes a shape for each embedding.
  if (name === 'Embedding') object.config = { ...config, batch_input_shape: undefined };
  return Object.fromEntries(Object.entries(object).map(([key, each]) => [key, plain(each)]));
}
