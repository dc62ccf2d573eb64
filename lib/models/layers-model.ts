import type { TrainedModel } from '../callbacks/callback.js';
import type { History } from '../callbacks/history.js';
import { ConvforgeError } from '../errors.js';
import { INSPECT, type InspectArguments, inspected } from '../inspect.js';
import type { IOHandler, SaveResult } from '../io/artifacts.js';
import { saveModel, type SaveOptions } from '../io/save-model.js';
import { writeTopology } from '../io/write-topology.js';
import type { Layer } from '../layers/base-layer.js';
import type { ApplyOptions, SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { WeightStore } from '../layers/weight-store.js';
import { joinParts, type WeightParts, weightTensors, writeWeightTensors } from '../layers/weight-tensors.js';
import { type Compiled, type CompileOptions, readCompileOptions } from '../network/compile.js';
import { innermost, modelsWithin, trainedLayers } from '../network/model.js';
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
import { NestedModel } from './nested-model.js';
import { inspectModel, type PrintLine, printSummary } from './summary.js';

/** A model made of layers: how it is compiled, trained and used, whatever way its layers are joined. */
export abstract class LayersModel extends ModelGraph implements TrainedModel {
  /**
   * Weights and program; for saving and loading.
   * @internal
   */
  readonly state: ModelState;
  /** Set to true (in a callback, say) to end fit after the batch or epoch that runs. */
  stopTraining = false;
  #trainable = true;
  /** Whether it was itself set to that, and not by a model that it is in: the order of weights goes by this. */
  #ownTrainable = true;
  #compiled?: Compiled;
  #asLayer?: NestedModel;
  #unsubscribe = () => {};

  /** @internal */
  constructor(name: string) {
    super(name);
    this.state = new ModelState(name, (shapes, training) =>
      describeModel(this, this.#compiled, shapes, training),
    );
  }

  /** Whether training changes its weights: false freezes all layers, in what is compiled from then on. */
  get trainable(): boolean {
    return this.#trainable;
  }

  /** Sets it for all layers too, those of models inside included, wherever they are used. Throws INVALID_ARGUMENT. */
  set trainable(trainable: boolean) {
    new OptionChecks(this.name).boolean('trainable', trainable);
    this.#ownTrainable = trainable;
    for (const model of modelsWithin(this) as ReadonlySet<LayersModel>) {
      model.#trainable = trainable;
      for (const layer of model.layers) {
        const inner = innermost(layer);
        if (!inner.isModel) inner.setTrainableByModel(trainable, model === this && inner === layer);
      }
    }
  }

  /** Uses the model as a layer: see Layer.apply. Of several outputs it gives a list, `apply<SymbolicTensor[]>(x)`. */
  apply<Outputs extends SymbolicTensor | SymbolicTensor[] = SymbolicTensor>(
    inputs: SymbolicTensor | readonly SymbolicTensor[],
    options?: ApplyOptions,
  ): NoInfer<Outputs> {
    return this.asLayer().apply(inputs, options) as SymbolicTensor | SymbolicTensor[] as Outputs;
  }

  /** The model as a layer of others, with the same weights. */
  asLayer(): NestedModel {
    this.#asLayer ??= new NestedModel(this);
    return this.#asLayer;
  }

  /** Whether another model may have it as a layer, for which it must stay what it is. */
  protected get isLayerOfOthers(): boolean {
    return this.#asLayer !== undefined && this.#asLayer.nodes.length > 0;
  }

  /**
   * Settles how the model is trained, and which layers: those that are `trainable` now. Weights stay, the optimizer begins anew. Throws
   * UNKNOWN_OPTION, UNSUPPORTED, INVALID_ARGUMENT; MODEL_BUSY while it trains.
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

  /** Whether compile was called, for the layers that it has now. */
  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  /** The optimizer of compile; its learningRate can be set at any time. Throws NOT_COMPILED. */
  get optimizer(): Optimizer {
    return this.compiled.optimizer;
  }

  /**
   * What evaluate and trainOnBatch give, in their order, under the names that logs have: 'loss', where several outputs have one their
   * losses, then the metrics, such as 'acc'. Throws NOT_COMPILED.
   */
  get metricsNames(): string[] {
    return logKeys(this.compiled);
  }

  /**
   * Trains on samples x [n, ...] and their targets y: whole-number classes or one-hot rows, as the loss says. A model of several
   * inputs or outputs takes lists in their order, or objects by their names (see `signature`). Data is copied
   * before the first epoch. Rejects with MODEL_BUSY, NOT_COMPILED, SHAPE_MISMATCH, INVALID_LABEL, ABORTED, or what a callback
   * throws; the model is usable after any of them.
   */
  fit(x: DataLike, y: DataLike, options?: FitOptions): Promise<History> {
    return fitModel(this, x, y, options);
  }

  /**
   * Trains as fit does and gives its events: `for await (const event of model.fitStream(x, y, {epochs: 5}))`. Training begins with the
   * first event, and waits while one that begins or ends an epoch is being handled, so that weights and learning rate can be read
   * and set there. Leaving the loop ends training within a step. Prints no progress unless verbose says so.
   */
  fitStream(x: DataLike, y: DataLike, options?: FitOptions): AsyncGenerator<FitEvent, void, void> {
    return fitStream(this, x, y, options);
  }

  /**
   * Trains on the batches {xs, ys} of a dataset, or of any async iterable: each is a step, and the next one is read while it runs. An
   * epoch is a pass, or `batchesPerEpoch` batches. A dataset that is shuffled has the order of the epoch's number, so a later fit goes
   * on with `initialEpoch`. Rejects as fit does, or with what the dataset throws; INVALID_ARGUMENT if it has no batches.
   */
  fitDataset(dataset: AsyncIterable<LabelledBatch>, options?: FitDatasetOptions): Promise<History> {
    return fitDataset(this, dataset, options);
  }

  /** Trains as fitDataset does and gives its events, as fitStream does. */
  fitDatasetStream(
    dataset: AsyncIterable<LabelledBatch>,
    options?: FitDatasetOptions,
  ): AsyncGenerator<FitEvent, void, void> {
    return fitDatasetStream(this, dataset, options);
  }

  /**
   * [loss, ...metrics] over all samples; a model without metrics gives the loss alone, `evaluate<PendingTensor>(x, y)`. Await it, or
   * read each with dataSync().
   */
  evaluate<Scores extends PendingTensor | PendingTensors = PendingTensors>(
    x: DataLike,
    y: DataLike,
    options?: EvaluateOptions,
  ): Scores {
    return evaluate(this, x, y, options) as Scores;
  }

  /**
   * [loss, ...metrics] over the batches {xs, ys} of a dataset, or of any async iterable; each sample counts alike however large its batch. A
   * model without metrics gives the loss alone. While the model trains, batches may see different weights.
   */
  evaluateDataset<Scores extends Tensor | Tensor[] = Listed<Tensor>>(
    dataset: AsyncIterable<LabelledBatch>,
    options?: EvaluateDatasetOptions,
  ): Promise<Scores> {
    return evaluateDataset(this, dataset, options) as Promise<Scores>;
  }

  /**
   * Outputs [n, ...] for samples x [n, ...]; a model of several outputs gives a list, `predict<PendingTensors>(x)`. While the
   * model trains, from the weights between two steps.
   */
  predict<Outputs extends PendingTensor | PendingTensors = PendingTensor>(
    x: DataLike,
    options?: PredictOptions,
  ): NoInfer<Outputs> {
    return predict(this, x, options) as Outputs;
  }

  /**
   * Outputs for the batches of a dataset, or of any async iterable: a tensor of all samples' [n, ...]; a model of several outputs gives a
   * list, `predictDataset<Tensor[]>(dataset)`. Elements are what predict takes, or {xs}, beside which `ys` and `sampleWeight` are
   * ignored. While the model trains, batches may see different weights. Rejects as predict does, or with what the dataset throws;
   * INVALID_ARGUMENT if it has no batches.
   */
  predictDataset<Outputs extends Tensor | Tensor[] = Tensor>(
    dataset: AsyncIterable<UnlabelledBatch>,
    options?: PredictDatasetOptions,
  ): Promise<NoInfer<Outputs>> {
    return predictDataset(this, dataset, options) as Promise<Outputs>;
  }

  /** Like predict, with all samples in one batch. */
  predictOnBatch<Outputs extends PendingTensor | PendingTensors = PendingTensor>(
    x: DataLike,
  ): NoInfer<Outputs> {
    const [{ count }] = inputSources(this, x, 'x');
    return predict(this, x, { batchSize: count }) as Outputs;
  }

  /**
   * One step on all samples given; resolves to the batch's loss, or [loss, ...metrics]. Weights are those of fit; 'balanced' counts the
   * classes of this batch. Rejects as fit does.
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
   * The mean loss of all samples given and its gradients by weight, in training mode; nothing is changed but the statistics that
   * layers keep. With applyGradients it makes a training loop of one's own. Rejects as fit does.
   */
  gradients(x: DataLike, y: DataLike, sampleWeight?: SampleWeight): Promise<BatchGradients> {
    return gradients(this, { x, y, sampleWeight });
  }

  /**
   * Gradients by the samples themselves, and by what inner layers give: of the mean loss where targets y are given, else of the sum of an
   * output's elements, `inputGradients(images, null, {class: 3})`. Layers do what they do in prediction, unless `training` says otherwise;
   * nothing is changed, and a fit may go on meanwhile. All samples are one batch. Inputs that an embedding takes have no gradient. Rejects
   * with NOT_COMPILED, SHAPE_MISMATCH, INVALID_LABEL, INVALID_ARGUMENT, UNSUPPORTED, ABORTED; MODEL_BUSY while another model trains its layers.
   */
  inputGradients(x: DataLike, y?: DataLike | null, options?: InputGradientsOptions): Promise<InputGradients> {
    return inputGradients(this, x, y, options);
  }

  /**
   * One step of the optimizer with these gradients, by the names that `gradients` gives: all of them, changed as you like. Rejects with
   * NOT_COMPILED, MODEL_BUSY, SHAPE_MISMATCH; UNKNOWN_OPTION or INVALID_ARGUMENT for a name too many or too few.
   */
  applyGradients(gradients: Readonly<Record<string, TensorLike>>): Promise<void> {
    return applyGradients(this, gradients);
  }

  /**
   * The weights as TF.js orders them in a model that this one is in.
   * @internal
   */
  get weightParts(): WeightParts {
    return joinParts(this.layers, this.#ownTrainable);
  }

  /**
   * Copies, in TF.js's order: layer by layer what training can change, kernel before bias, then layer by layer the statistics that layers
   * keep and the weights of frozen layers. So the order changes with `trainable`. Throws MODEL_BUSY while a step may be under way.
   * @param trainableOnly Whether weights of frozen layers, and statistics, are left out.
   */
  getWeights(trainableOnly = false): Tensor[] {
    this.state.checkWeightsOpen();
    new OptionChecks(this.name).boolean('trainableOnly', trainableOnly);
    return weightTensors(this.trainable || !trainableOnly ? this.layers : [], trainableOnly);
  }

  /** In the order of getWeights. Throws SHAPE_MISMATCH; MODEL_BUSY while a step may be under way. */
  setWeights(weights: readonly Tensor[]): void {
    this.state.checkWeightsOpen();
    writeWeightTensors(this.name, this.layers, weights);
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectModel);
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

  /** The layers without their weights, as TF.js writes them: text, or with `returnString` false an object. models.modelFromJSON reads it. */
  toJSON(_unused?: unknown, returnString?: true): string;
  toJSON(_unused: unknown, returnString: false): Record<string, unknown>;
  toJSON(_unused?: unknown, returnString = true): string | Record<string, unknown> {
    const topology = writeTopology(this);
    return returnString ? JSON.stringify(topology) : topology;
  }

  /**
   * Saves in TF.js's LayersModel format: as model.json and weights.bin in a folder ('file://folder' or a plain path), or through an
   * object with save(). Resolves to when and how much was saved, or to what the handler gives. While the model trains, what is saved is
   * one moment between two steps. Rejects with IO_ERROR, INVALID_ARGUMENT, UNSUPPORTED, ABORTED; NOT_COMPILED for includeOptimizer.
   */
  async save<Result = SaveResult>(
    target: string | IOHandler<Result>,
    options?: SaveOptions,
  ): Promise<Result> {
    return (await saveModel(this, target, options)) as Result;
  }

  /** Ends what runs (it rejects with DISPOSED) and frees the memory. Nothing must be disposed; doing it twice does no harm. */
  dispose(): void {
    this.#unsubscribe();
    this.state.dispose(storesOf(this.layers));
  }

  /** Called where layers change: what compile settled no longer fits. */
  protected forgetCompiled(): void {
    this.#unsubscribe();
    this.#compiled = undefined;
  }

  /** Called with layers that are the model's from now on. */
  protected takeIn(layers: readonly Layer[]): void {
    for (const store of storesOf(layers)) store.models++;
  }

  /** Called with layers that no longer are the model's, once their weights are back in their stores. */
  protected letGo(layers: readonly Layer[]): void {
    for (const store of storesOf(layers)) store.models--;
  }
}

function storesOf(layers: readonly Layer[]): ReadonlySet<WeightStore> {
  return new Set(layers.flatMap(({ stores }) => stores));
}
