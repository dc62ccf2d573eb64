import type { History } from '../callbacks/history.js';
import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import type { Optimizer } from '../optimizers/index.js';
import { show } from '../options.js';
import type { NodeDescription, ProgramDescription, Shape } from '../program/description.js';
import { type PendingTensor, type Tensor, type TensorLike, toTensor } from '../tensor/index.js';
import { type CompileOptions, type Compiled, readCompileOptions } from '../training/compile.js';
import { type EvaluateOptions, evaluate } from '../training/evaluate.js';
import { fitModel } from '../training/fit.js';
import type { FitOptions } from '../training/fit-options.js';
import type { PendingScores } from '../training/pending-scores.js';
import { type PredictOptions, predict } from '../training/predict.js';
import { trainOnBatch } from '../training/train-on-batch.js';
import { type ExplainOptions, type Explanation, explain } from './explain.js';
import { ModelState } from './model-state.js';
import { type PrintLine, printSummary } from './summary.js';
import { readWeightValues, weightTensors } from './weights.js';

type SaveOptions = Parameters<typeof import('../io/index.js').saveModel>[2];

/** Shapes of one sample and of one output, without the batch. */
export interface Signature {
  input: Shape;
  output: Shape;
}

/** A model made of layers: how it is compiled, trained and used, whatever way its layers are joined. */
export abstract class LayersModel {
  readonly name: string;
  /** Weights and program; for saving and loading. */
  readonly state: ModelState;
  /** Set to true (in a callback, say) to end fit after the batch or epoch that runs. */
  stopTraining = false;
  #compiled?: Compiled;
  #unsubscribe = () => {};

  constructor(name: string) {
    this.name = name;
    this.state = new ModelState(name, () => this.#describe());
  }

  abstract readonly layers: readonly Layer[];
  /** Throws INVALID_ARGUMENT while there are no layers. */
  abstract readonly signature: Signature;
  abstract getClassName(): string;
  /** The model without its weights, as plain data. */
  abstract getConfig(): Record<string, unknown>;
  protected abstract lower(): NodeDescription[];

  /**
   * Settles how the model is trained. Weights stay, the optimizer begins anew. Throws UNKNOWN_OPTION, UNSUPPORTED, INVALID_ARGUMENT;
   * MODEL_BUSY while it trains.
   */
  compile(options: CompileOptions): void {
    this.state.checkIdle();
    const compiled = readCompileOptions(options, this.signature.output);
    this.state.renewProgram();
    this.#unsubscribe();
    this.#compiled = compiled;
    this.#unsubscribe = compiled.optimizer.onLearningRate((rate) => this.state.setLearningRate(rate));
  }

  /** Throws NOT_COMPILED before compile. */
  get compiled(): Compiled {
    if (this.#compiled) return this.#compiled;
    throw new ConvforgeError(
      'NOT_COMPILED',
      `${this.name} has no loss and optimizer yet; call compile({optimizer, loss}) first.`,
    );
  }

  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  /** The optimizer of compile; its learningRate can be set at any time. Throws NOT_COMPILED. */
  get optimizer(): Optimizer {
    return this.compiled.optimizer;
  }

  /**
   * Trains on samples x [n, ...] and their targets y: whole-number classes or one-hot rows, as the loss says. Data is copied
   * before the first epoch. Rejects with MODEL_BUSY, NOT_COMPILED, SHAPE_MISMATCH, INVALID_LABEL, ABORTED, or what a callback
   * throws; the model is usable after any of them.
   */
  fit(x: TensorLike, y: TensorLike, options?: FitOptions): Promise<History> {
    return fitModel(this, x, y, options);
  }

  /**
   * [loss, ...metrics] over all samples; a model without metrics gives the loss alone, `evaluate<PendingTensor>(x, y)`. Await it, or
   * read each with dataSync().
   */
  evaluate<Scores extends PendingTensor | PendingScores = PendingScores>(
    x: TensorLike,
    y: TensorLike,
    options?: EvaluateOptions,
  ): Scores {
    return evaluate(this, x, y, options) as Scores;
  }

  /** Outputs [n, ...] for samples x [n, ...]. While the model trains, from the weights between two steps. */
  predict(x: TensorLike, options?: PredictOptions): PendingTensor {
    return predict(this, x, options);
  }

  /** Like predict, with all samples in one batch. */
  predictOnBatch(x: TensorLike): PendingTensor {
    const samples = toTensor(x, 'x');
    // Without samples the batch size is no matter: predict says what is wrong.
    return predict(this, samples, { batchSize: samples.shape[0] || 1 });
  }

  /** One step on all samples given; resolves to the batch's loss, or [loss, ...metrics]. */
  async trainOnBatch(x: TensorLike, y: TensorLike): Promise<number | number[]> {
    const scores = await trainOnBatch(this, x, y);
    return scores.length === 1 ? scores[0] : scores;
  }

  /** By name, or by index from 0. Throws INVALID_ARGUMENT if there is none. */
  getLayer(nameOrIndex: string | number): Layer {
    const { layers } = this;
    const layer =
      typeof nameOrIndex === 'number'
        ? layers[nameOrIndex]
        : layers.find((candidate) => candidate.name === nameOrIndex);
    if (layer) return layer;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${this.name} has no layer ${show(nameOrIndex)}; it has ${layers.length}: ${layers.map((each) => each.name).join(', ')}.`,
    );
  }

  countParams(): number {
    return this.layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  }

  /** Copies, in the order of layers, kernel before bias. Throws MODEL_BUSY while a step may be under way. */
  getWeights(): Tensor[] {
    return weightTensors(this.layers, this.state.readWeights());
  }

  /** In the order of getWeights. Throws SHAPE_MISMATCH; MODEL_BUSY while a step may be under way. */
  setWeights(weights: readonly Tensor[]): void {
    this.state.writeWeights(readWeightValues(this.name, this.layers, weights));
  }

  /** Prints the layers in a table; `lineLength` in characters, `positions` as shares of it. */
  summary(lineLength?: number, positions?: readonly number[], printFn: PrintLine = console.log): void {
    printSummary(this, lineLength, positions, printFn);
  }

  /**
   * How the model is computed: each node's passes with their algorithms, those that were declined and why, operations and memory;
   * with `profile`, also times and speeds of some steps on random samples, which change nothing about the model.
   * formatExplanation makes a table of it. Rejects with INVALID_ARGUMENT, UNKNOWN_OPTION; NOT_COMPILED for 'train' and 'evaluate'
   * before compile; UNSUPPORTED to profile the reference engine.
   */
  explain(options?: ExplainOptions): Promise<Explanation> {
    return explain(this, options);
  }

  /** Saves in TF.js's LayersModel format, for example to 'file://folder'. */
  async save(url: string, options?: SaveOptions): Promise<void> {
    const { saveModel } = await import('../io/index.js');
    await saveModel(this, url, options);
  }

  /** Ends what runs (it rejects with DISPOSED) and frees the memory. Nothing must be disposed; doing it twice does no harm. */
  dispose(): void {
    this.#unsubscribe();
    this.state.dispose();
  }

  /** Called where layers change: what compile settled no longer fits. */
  protected forgetCompiled(): void {
    this.#unsubscribe();
    this.#compiled = undefined;
  }

  #describe(): ProgramDescription {
    const nodes = this.lower();
    if (!this.#compiled) return { nodes };
    const { loss, optimizer, metrics } = this.#compiled;
    const kinds = metrics.map((metric) => metric.kind);
    return { nodes, training: { loss, optimizer: optimizer.describe(), metrics: kinds } };
  }
}
