import type { TrainedModel } from '../callbacks/callback.js';
import type { History } from '../callbacks/history.js';
import { ConvforgeError } from '../errors.js';
import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import type { IOHandler, SaveResult } from '../io/artifacts.js';
import { saveModel, type SaveOptions, saveWeights } from '../io/save-model.js';
import { isOnnxFile, saveOnnx } from '../onnx/write/save.js';
import { writeTopology } from '../io/write-topology.js';
import type { ApplyOptions, SymbolicTensor } from '../layers/symbolic-tensor.js';
import { storesOf } from '../layers/weight-store.js';
import {
  asTensors,
  checkedWeights,
  chosenWeights,
  joinParts,
  type WeightParts,
  weightTensors,
  writeWeightTensors,
} from '../layers/weight-tensors.js';
import { type Compiled, type CompileOptions, readCompileOptions } from '../network/compile.js';
import { modelsWithin, setLayersTrainable, storesInOrder, trainedLayers } from '../network/model.js';
import { ModelGraph } from '../network/model-graph.js';
import { ModelState } from '../network/model-state.js';
import type { DataLike } from '../network/ports.js';
import type { Optimizer } from '../optimizers/index.js';
import { OptionChecks } from '../options.js';
import type { PendingTensor, Tensor, TensorLike } from '../tensor/index.js';
import type { Listed, PendingTensors } from '../tensor/pending-tensor.js';
import type { LabelledBatch, UnlabelledBatch } from '../training/batch-reader.js';
import type { ClassWeight } from '../training/class-weights.js';
import {
  evaluate,
  evaluateDataset,
  type EvaluateDatasetOptions,
  type EvaluateOptions,
} from '../training/evaluate.js';
import { fitDataset, fitModel } from '../training/fit.js';
import type { FitDatasetOptions, FitOptions } from '../training/fit-options.js';
import { type FitEvent, fitDatasetStream, fitStream } from '../training/fit-stream.js';
import { readFitDatasetOptions, readFitOptions } from '../training/read-fit-options.js';
import {
  type InputGradients,
  type InputGradientsOptions,
  inputGradients,
} from '../training/input-gradients.js';
import { inputSources } from '../training/labelled-data.js';
import { logKeys } from '../training/logs.js';
import {
  predict,
  predictDataset,
  type PredictDatasetOptions,
  type PredictOptions,
} from '../training/predict.js';
import type { SampleWeight } from '../training/sample-weights.js';
import { applyGradients, type BatchGradients, gradients, trainOnBatch } from '../training/single-batch.js';
import { describeModel } from './describe-model.js';
import { type ExplainOptions, type Explanation, explain } from './explain.js';
import { type LoadWeightsOptions, loadWeights } from './load-weights.js';
import { NestedModel } from './nested-model.js';
import { inspectModel, type PrintLine, printSummary } from './summary.js';

/**
 * Base class of models: compiling, training, evaluation, prediction and saving, for any arrangement of
 * layers.
 */
export abstract class LayersModel extends ModelGraph implements TrainedModel {
  /**
   * Weights and programs of the model.
   * @internal
   */
  readonly state: ModelState;
  /** Set to true, for example in a callback, to end fit after the current batch or epoch. */
  stopTraining = false;
  #trainable = true;
  /**
   * What the model's own `trainable` was last set to; a model around it doesn't change this. The order of
   * weights depends on it.
   */
  #ownTrainable = true;
  #compiled?: Compiled;
  #asLayer?: NestedModel;
  #unsubscribe = () => {};

  /** @internal */
  constructor(name: string) {
    super(name);
    this.state = new ModelState({
      name,
      stores: () => storesInOrder(this),
      describe: (shapes, training) => describeModel(this, this.#compiled, shapes, training),
    });
  }

  /** Whether training changes the weights. False freezes all layers from the next compile on. */
  get trainable(): boolean {
    return this.#trainable;
  }

  /**
   * Sets `trainable` of all layers, also in nested models and wherever they are used. Throws
   * INVALID_ARGUMENT.
   */
  set trainable(trainable: boolean) {
    new OptionChecks(this.name).boolean('trainable', trainable);
    this.#ownTrainable = trainable;
    for (const model of modelsWithin(this) as ReadonlySet<LayersModel>) {
      model.#trainable = trainable;
      setLayersTrainable(model, trainable, model === this);
    }
  }

  /**
   * Uses the model as a layer: see Layer.apply. Returns a list if the model has several outputs,
   * `apply<SymbolicTensor[]>(x)`.
   */
  apply<Outputs extends SymbolicTensor | SymbolicTensor[] = SymbolicTensor>(
    inputs: SymbolicTensor | readonly SymbolicTensor[],
    options?: ApplyOptions,
  ): NoInfer<Outputs> {
    return this.asLayer().apply(inputs, options) as SymbolicTensor | SymbolicTensor[] as Outputs;
  }

  /** The model as a layer for other models. It shares the weights. */
  asLayer(): NestedModel {
    this.#asLayer ??= new NestedModel(this);
    return this.#asLayer;
  }

  /** Whether another model may use this one as a layer. The model's layers must then stay as they are. */
  protected get isLayerOfOthers(): boolean {
    return this.#asLayer !== undefined && this.#asLayer.nodes.length > 0;
  }

  /**
   * Configures training: optimizer, losses, metrics, and the layers to train, which are those that are
   * `trainable` now: `model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics:
   * ['accuracy'] })`. Weights stay; the optimizer's state is reset. Throws UNKNOWN_OPTION, UNSUPPORTED,
   * INVALID_ARGUMENT; MODEL_BUSY while the model trains.
   */
  compile(options: CompileOptions): void {
    this.state.checkIdle();
    const compiled = readCompileOptions(options, this.signature.outputs, trainedLayers(this));
    this.state.renewProgram();
    this.#unsubscribe();
    this.#compiled = compiled;
    this.#unsubscribe = compiled.optimizer.attach(
      (rate) => this.state.setLearningRate(rate),
      () => this.state.iterations,
    );
  }

  /**
   * Throws NOT_COMPILED before compile.
   * @internal
   */
  get compiled(): Compiled {
    if (this.#compiled) return this.#compiled;
    throw new ConvforgeError(
      'NOT_COMPILED',
      `${this.name} has no loss and optimizer yet; call compile({optimizer, loss}) first.`,
    );
  }

  /** Whether compile was called since the layers last changed. */
  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  /** The optimizer given to compile; its learningRate can be set at any time. Throws NOT_COMPILED. */
  get optimizer(): Optimizer {
    return this.compiled.optimizer;
  }

  /**
   * Names of the values that evaluate and trainOnBatch return, in order, as in logs: 'loss', the outputs'
   * losses if several have one, then metrics such as 'acc'. Throws NOT_COMPILED.
   */
  get metricsNames(): string[] {
    return logKeys(this.compiled);
  }

  /**
   * Trains on samples x [n, ...] and their targets y: class indices or one-hot rows, as the loss requires.
   * Models with several inputs or outputs take lists in their order, or objects by their names (see
   * `signature`). Data is copied before the first epoch. Rejects with MODEL_BUSY, NOT_COMPILED,
   * SHAPE_MISMATCH, INVALID_LABEL, ABORTED, or what a callback throws; the model stays usable after any of
   * them.
   */
  async fit(x: DataLike, y: DataLike, options: FitOptions = {}): Promise<History> {
    return fitModel(this, x, y, readFitOptions(options));
  }

  /**
   * Trains as fit does and yields events: `for await (const event of model.fitStream(x, y, {epochs: 5}))`.
   * Training starts when the first event is requested. It waits while the loop handles an event that begins
   * or ends an epoch, so weights and learning rate can be read and set there. Leaving the loop ends training
   * within a step. Prints no progress unless `verbose` is set.
   */
  fitStream(x: DataLike, y: DataLike, options?: FitOptions): AsyncGenerator<FitEvent, void, void> {
    return fitStream(this, x, y, options);
  }

  /**
   * Trains on the batches {xs, ys} of a dataset or of any async iterable. Each batch is one step; the next
   * one is read meanwhile. An epoch is one pass, or `batchesPerEpoch` batches. A shuffled dataset's order
   * depends on the epoch's index, so a later fit continues with `initialEpoch`. Rejects as fit does, or with
   * what the dataset throws; INVALID_ARGUMENT if it has no batches.
   */
  async fitDataset(dataset: AsyncIterable<LabelledBatch>, options: FitDatasetOptions = {}): Promise<History> {
    return fitDataset(this, dataset, readFitDatasetOptions(dataset, options));
  }

  /** Trains as fitDataset does and yields events as fitStream does. */
  fitDatasetStream(
    dataset: AsyncIterable<LabelledBatch>,
    options?: FitDatasetOptions,
  ): AsyncGenerator<FitEvent, void, void> {
    return fitDatasetStream(this, dataset, options);
  }

  /**
   * Returns [loss, ...metrics] over all samples; a model without metrics returns the loss alone,
   * `evaluate<PendingTensor>(x, y)`. Await the result, or read each tensor with dataSync().
   */
  evaluate<Scores extends PendingTensor | PendingTensors = PendingTensors>(
    x: DataLike,
    y: DataLike,
    options?: EvaluateOptions,
  ): Scores {
    return evaluate(this, x, y, options) as Scores;
  }

  /**
   * Resolves to [loss, ...metrics] over the batches {xs, ys} of a dataset or of any async iterable. Every
   * sample has the same weight, whatever the size of its batch. A model without metrics gives the loss alone.
   * If the model trains meanwhile, batches may see different weights.
   */
  evaluateDataset<Scores extends Tensor | Tensor[] = Listed<Tensor>>(
    dataset: AsyncIterable<LabelledBatch>,
    options?: EvaluateDatasetOptions,
  ): Promise<Scores> {
    return evaluateDataset(this, dataset, options) as Promise<Scores>;
  }

  /**
   * Returns outputs [n, ...] for samples x [n, ...]; a model with several outputs returns a list,
   * `predict<PendingTensors>(x)`. If the model trains meanwhile, the weights are those between two steps.
   */
  predict<Outputs extends PendingTensor | PendingTensors = PendingTensor>(
    x: DataLike,
    options?: PredictOptions,
  ): NoInfer<Outputs> {
    return predict(this, x, options) as Outputs;
  }

  /**
   * Resolves to the outputs for all samples of a dataset or of any async iterable of batches, as one tensor
   * [n, ...]; a model with several outputs gives a list, `predictDataset<Tensor[]>(dataset)`. Elements are
   * what predict takes, or {xs}; their `ys` and `sampleWeight` are ignored. If the model trains meanwhile,
   * batches may see different weights. Rejects as predict does, or with what the dataset throws;
   * INVALID_ARGUMENT if it has no batches.
   */
  predictDataset<Outputs extends Tensor | Tensor[] = Tensor>(
    dataset: AsyncIterable<UnlabelledBatch>,
    options?: PredictDatasetOptions,
  ): Promise<NoInfer<Outputs>> {
    return predictDataset(this, dataset, options) as Promise<Outputs>;
  }

  /** Predicts all samples in one batch; see predict. */
  predictOnBatch<Outputs extends PendingTensor | PendingTensors = PendingTensor>(
    x: DataLike,
  ): NoInfer<Outputs> {
    const [{ count }] = inputSources(this, x, 'x');
    return predict(this, x, { batchSize: count }) as Outputs;
  }

  /**
   * Trains one step on all given samples. Resolves to the batch's loss, or to [loss, ...metrics]. Weights are
   * as for fit; 'balanced' counts the classes of this batch. Rejects as fit does.
   */
  async trainOnBatch(
    x: DataLike,
    y: DataLike,
    sampleWeight?: SampleWeight,
    classWeight?: ClassWeight,
  ): Promise<number | number[]> {
    const scores = await trainOnBatch(this, { x, y, sampleWeight, classWeight });
    return scores.length === 1 ? scores[0] : scores;
  }

  /**
   * Resolves to the mean loss of all given samples and its gradients by weight, in training mode. Changes
   * nothing but the layers' moving statistics. Together with applyGradients it makes a custom training loop.
   * Rejects as fit does.
   */
  gradients(x: DataLike, y: DataLike, sampleWeight?: SampleWeight): Promise<BatchGradients> {
    return gradients(this, { x, y, sampleWeight });
  }

  /**
   * Resolves to gradients with respect to the inputs and to layers' outputs. With targets y they are of the
   * mean loss, else of the sum of an output's elements: `inputGradients(images, null, {class: 3})`. Layers
   * run in prediction mode unless `training` is set. Nothing changes, and a fit may run meanwhile. All
   * samples are one batch. An input of an embedding has no gradient. Rejects with NOT_COMPILED,
   * SHAPE_MISMATCH, INVALID_LABEL, INVALID_ARGUMENT, UNSUPPORTED, ABORTED; MODEL_BUSY while another model
   * trains its layers.
   */
  inputGradients(x: DataLike, y?: DataLike | null, options?: InputGradientsOptions): Promise<InputGradients> {
    return inputGradients(this, x, y, options);
  }

  /**
   * Applies one optimizer step. The gradients must have exactly the names that `gradients` returns; their
   * values may be changed. Rejects with NOT_COMPILED, MODEL_BUSY, SHAPE_MISMATCH; UNKNOWN_OPTION or
   * INVALID_ARGUMENT for an extra or a missing name.
   */
  applyGradients(gradients: Readonly<Record<string, TensorLike>>): Promise<void> {
    return applyGradients(this, gradients);
  }

  /**
   * The weights in the order of TF.js, for a model that contains this one.
   * @internal
   */
  get weightParts(): WeightParts {
    return joinParts(this.layers, this.#ownTrainable);
  }

  /**
   * Copies the weights in TF.js's order: first the trainable weights layer by layer, kernel before bias;
   * then, layer by layer, moving statistics and the weights of frozen layers. The order thus depends on
   * `trainable`. Throws MODEL_BUSY while a step may be running.
   * @param trainableOnly Whether to leave out weights of frozen layers and moving statistics.
   */
  getWeights(trainableOnly = false): Tensor[] {
    this.state.checkWeightsOpen();
    new OptionChecks(this.name).boolean('trainableOnly', trainableOnly);
    return weightTensors(this.trainable || !trainableOnly ? this.layers : [], trainableOnly);
  }

  /**
   * Like getWeights, without holding up the event loop, for servers: weights that nothing has used yet are drawn
   * in slices, and the engine copies the others. Allowed while the model trains: the weights are then those
   * between two steps.
   * @param trainableOnly Whether to leave out weights of frozen layers and moving statistics.
   */
  async getWeightsAsync(trainableOnly = false): Promise<Tensor[]> {
    new OptionChecks(this.name).boolean('trainableOnly', trainableOnly);
    const chosen = chosenWeights(this.trainable || !trainableOnly ? this.layers : [], trainableOnly);
    return asTensors(chosen, await this.state.readAllWeights());
  }

  /**
   * Like setWeights, without holding up the event loop, for servers: the values are copied in slices. They
   * count once the promise resolves; predictions that were started before see the old ones. Don't change the
   * tensors' values meanwhile. Rejects with SHAPE_MISMATCH, and with MODEL_BUSY while a step may be running.
   */
  async setWeightsAsync(weights: readonly Tensor[]): Promise<void> {
    this.state.checkWeightsOpen();
    await this.state.writeAllWeights(checkedWeights(this.name, this.layers, weights));
  }

  /**
   * Sets the weights, in the order of getWeights. Throws SHAPE_MISMATCH; MODEL_BUSY while a step may be
   * running.
   */
  setWeights(weights: readonly Tensor[]): void {
    this.state.checkWeightsOpen();
    writeWeightTensors(this.name, this.layers, weights);
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectModel);
  }

  /**
   * Prints a table of the layers. `lineLength` is in characters; `positions` are the ends of the columns, as
   * fractions of it.
   */
  summary(lineLength?: number, positions?: readonly number[], printFn: PrintLine = console.log): void {
    printSummary(this, lineLength, positions, printFn);
  }

  /**
   * Explains how the model is computed: each node's passes and algorithms, the declined algorithms with
   * reasons, operation counts and memory. `profile` adds times and speeds of some steps on random samples,
   * without changing the model. formatExplanation turns the result into a table. Rejects with
   * INVALID_ARGUMENT, UNKNOWN_OPTION; NOT_COMPILED for 'train' and 'evaluate' before compile; UNSUPPORTED if
   * the reference engine is to be profiled.
   */
  explain(options?: ExplainOptions): Promise<Explanation> {
    return explain(this, options);
  }

  /**
   * The model without weights, as TF.js writes it: text, or an object if `returnString` is false.
   * models.modelFromJSON reads it.
   */
  toJSON(_unused?: unknown, returnString?: true): string;
  toJSON(_unused: unknown, returnString: false): Record<string, unknown>;
  toJSON(_unused?: unknown, returnString = true): string | Record<string, unknown> {
    const topology = writeTopology(this);
    return returnString ? JSON.stringify(topology) : topology;
  }

  /**
   * Saves in TF.js's LayersModel format: as model.json and a weights file in a folder ('file://folder' or a
   * plain path), or through an object with save(). A path that ends in `.keras` is a file that Keras 3 loads,
   * with the optimizer's state; this needs the package h5wasm. One that ends in `.h5` is a file of
   * Keras 2, with layers and weights alone. One that ends in `.onnx` is an ONNX file, as io.onnx writes it. Resolves to the time and sizes of what was saved, or to what the handler returns. If the
   * model trains meanwhile, the file holds the state between two steps. Rejects with IO_ERROR, INVALID_ARGUMENT,
   * UNSUPPORTED, ABORTED; PEER_MISSING; NOT_COMPILED for includeOptimizer.
   */
  async save<Result = SaveResult>(
    target: string | IOHandler<Result>,
    options?: SaveOptions,
  ): Promise<Result> {
    if (isOnnxFile(target)) return (await saveOnnx(this, target, options)) as Result;
    return (await saveModel(this, target, options)) as Result;
  }

  /**
   * Saves the weights as Keras 3 does: `model.saveWeights('out.weights.h5')`. The optimizer's state goes along if
   * the model is compiled. Needs the package h5wasm. Keras finds weights by the classes of the layers and their
   * order. Rejects with INVALID_ARGUMENT for another ending, IO_ERROR, PEER_MISSING.
   */
  saveWeights(path: string): Promise<void> {
    return saveWeights(this, path);
  }

  /**
   * Loads weights that Keras stored, into this model's layers: `model.loadWeights('model.weights.h5')` of Keras 3,
   * or an `.h5` of Keras 2. A `.keras` file or a whole `.h5` will do, too. Layers are told by their classes and
   * order, names don't count; `byName` is for Keras 2. If the model is compiled and the file has a fitting state
   * of the optimizer, training goes on with it. Needs the package h5wasm. On errors the weights stay as they were.
   * Rejects with IO_ERROR; CORRUPT_FILE, naming the layer that doesn't fit; UNSUPPORTED, PEER_MISSING, MODEL_BUSY.
   *
   * @param source A path, or the bytes of a file.
   */
  loadWeights(source: string | Uint8Array, options?: LoadWeightsOptions): Promise<void> {
    return loadWeights(this, source, options);
  }

  /** Frees the model's memory; running jobs reject with DISPOSED. Calling it is optional and idempotent. */
  dispose(): void {
    this.#unsubscribe();
    this.state.dispose(storesOf(this.layers));
  }

  /** Must be called when layers change: the compilation no longer fits. */
  protected forgetCompiled(): void {
    this.#unsubscribe();
    this.#compiled = undefined;
  }
}
