import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { type Artifacts, loadTheirs } from './artifacts.js';
import { buildGraph } from './generator/build.js';
import { Draw } from './generator/draw.js';
import type { ModelSpec, OptimizerSpec } from './generator/spec.js';
import { stepAsKeras } from './keras-optimizers.js';
import './patched-resizing.js';
import { drawWeight, type Samples, type Values } from './samples.js';

/** TF.js's core and layers packages in one object, as in convforge. */
tfjs.env().set('IS_TEST', true);

const TFJS = { ...tfjsLayers, train: tfjs.train };

const RUNS = 3;

// Parts of TF.js assume that ops are also methods of tensors, as in the union package.
for (const [name, operation] of Object.entries(tfjs)) {
  if (typeof operation !== 'function' || name in tfjs.Tensor.prototype) continue;
  const method = function (this: tfjs.Tensor, ...args: unknown[]) {
    return (operation as (...all: unknown[]) => unknown)(this, ...args);
  };
  Object.defineProperty(tfjs.Tensor.prototype, name, { value: method });
}

Object.assign(tfjs.Tensor.prototype, {
  flatten(this: tfjs.Tensor) {
    return tfjs.reshape(this, [-1]);
  },
});

/** State of TF.js's optimizers by convforge's names, for the one that can't return its weights. */
interface Slots {
  accumulatedFirstMoment: { variable: tfjs.Variable }[];
  accumulatedWeightedInfNorm: { variable: tfjs.Variable }[];
}

/**
 * A TF.js model, and copies with slightly perturbed weights and inputs, which estimate the effect of
 * rounding.
 */
export class TfjsRuns {
  private constructor(
    readonly models: readonly tfjsLayers.LayersModel[],
    readonly roundoff: number,
  ) {}

  /** Made in TF.js. */
  static make(spec: ModelSpec, roundoff: number): TfjsRuns {
    const models = Array.from({ length: RUNS }, (): tfjsLayers.LayersModel => buildGraph(TFJS, spec.graph));
    const runs = new TfjsRuns(models, roundoff);
    models.forEach((model, run) => {
      const draw = new Draw(spec.dataSeed + 1);
      const weights = model.weights.map(({ originalName, shape }) =>
        runs.#tensor(drawWeight(draw, originalName, shape as number[]), run),
      );
      model.setWeights(weights);
      const { losses, metrics } = spec.training;
      const loss = losses.length === 1 ? losses[0] : [...losses];
      model.compile({ optimizer: makeOptimizer(spec.training.optimizer), loss, metrics: [...metrics] });
    });
    return runs;
  }

  /** From a file. */
  static async load(artifacts: Artifacts, roundoff: number): Promise<TfjsRuns> {
    const models: tfjsLayers.LayersModel[] = [];
    for (let run = 0; run < RUNS; run++) models.push(await loadTheirs(artifacts));
    const runs = new TfjsRuns(models, roundoff);
    models.forEach((model, run) => {
      if (run === 0) return;
      model.setWeights(model.getWeights().map((weight) => runs.#tensor(valuesOf(weight), run)));
    });
    return runs;
  }

  get first(): tfjsLayers.LayersModel {
    return this.models[0];
  }

  /** Predictions per output and run. */
  predict(x: Samples['x']): Float32Array[][] {
    return transpose(
      this.models.map((model, run) => {
        const outputs = model.predict(only(x.map((each) => this.#tensor(each, run))));
        return list(outputs).map((output) => output.dataSync() as Float32Array);
      }),
    );
  }

  /**
   * [loss, ...] per score and run, like convforge's evaluate: including the regularization of trainable
   * weights.
   */
  evaluate({ x, y }: Samples): number[][] {
    const outputs = this.first.outputs.length;
    return transpose(
      this.models.map((model, run) => {
        const inputs = x.map((each) => this.#tensor(each, run));
        const scores = list(model.evaluate(only(inputs), only(y.map((each) => toTensor(each)))));
        const values = scores.map((score) => score.dataSync()[0]);
        // For several outputs TF.js first gives running sums of their losses. The last one is the total.
        const [loss] = values.splice(0, outputs).slice(-1);
        return [loss + costOfWeights(model, true), ...values];
      }),
    );
  }

  /** One training step of all runs. Returns scores per score and run, without regularization of frozen weights. */
  async train({ x, y }: Samples): Promise<number[][]> {
    const scores: number[][] = [];
    for (const [run, model] of this.models.entries()) {
      const inputs = x.map((each) => this.#tensor(each, run));
      const targets = y.map((each) => toTensor(each));
      const cost = costOfWeights(model, false);
      const step = () => model.trainOnBatch(only(inputs), only(targets));
      const [loss, ...others] = list(await stepAsKeras(model, step));
      scores.push([loss - cost, ...others]);
    }
    return transpose(scores);
  }

  /** Values per weight and run. */
  get weights(): Float32Array[][] {
    return transpose(
      this.models.map((model) => model.weights.map((weight) => weight.read().dataSync() as Float32Array)),
    );
  }

  /** Names of the optimizer's slots, and their values per slot and run. */
  async optimizer(): Promise<{ names?: string[]; slots: Float32Array[][] }> {
    const { optimizer } = this.first;
    if (optimizer.getClassName() === 'Adamax') {
      const all = this.models.map((model) => {
        const { accumulatedFirstMoment, accumulatedWeightedInfNorm } = model.optimizer as unknown as Slots;
        return [...accumulatedFirstMoment, ...accumulatedWeightedInfNorm].map(
          ({ variable }) => variable.dataSync() as Float32Array,
        );
      });
      return { slots: transpose(all) };
    }
    const named = await Promise.all(this.models.map((model) => model.optimizer.getWeights()));
    return {
      names: named[0].map(({ name }) => name),
      slots: transpose(named.map((each) => each.map(({ tensor }) => tensor.dataSync() as Float32Array))),
    };
  }

  dispose(): void {
    for (const model of this.models) {
      model.dispose();
      if (model.optimizer) model.optimizer.dispose();
    }
  }

  /** Values unchanged for the first run, and perturbed for the others. Integers are kept. */
  #tensor(values: Values, run: number): tfjs.Tensor {
    if (run === 0 || values.values.every(Number.isInteger)) return toTensor(values);
    const draw = new Draw(run);
    const changed = values.values.map((value) => value * (1 + this.roundoff * draw.pick([-1, 1])));
    return toTensor({ shape: values.shape, values: changed });
  }
}

function makeOptimizer({ make, args }: OptimizerSpec): string | tfjs.Optimizer {
  if (!args) return make;
  const train = tfjs.train as unknown as Record<string, (...args: readonly unknown[]) => tfjs.Optimizer>;
  return train[make](...args);
}

/** Regularization of trainable weights, or of the others. Keras adds only the former to the loss. */
function costOfWeights(model: tfjsLayers.LayersModel, trainable: boolean): number {
  const layers = new Set(model.layers);
  // Iteration over a set includes elements that are added meanwhile.
  for (const layer of layers) {
    if ('layers' in layer) for (const inner of layer.layers as tfjsLayers.layers.Layer[]) layers.add(inner);
  }
  return [...layers]
    .filter((layer) => !('layers' in layer) && layer.trainable === trainable)
    .flatMap(({ losses }) => losses.map((loss) => loss().dataSync()[0]))
    .reduce((sum, cost) => sum + cost, 0);
}

const toTensor = ({ shape, values }: Values): tfjs.Tensor => tfjs.tensor(values, [...shape]);

const valuesOf = (tensor: tfjs.Tensor): Values => ({
  shape: tensor.shape,
  values: tensor.dataSync() as Float32Array,
});

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

const only = <T>(values: T[]): T | T[] => (values.length === 1 ? values[0] : values);

const transpose = <T>(rows: readonly (readonly T[])[]): T[][] =>
  rows[0].map((_, i) => rows.map((row) => row[i]));
