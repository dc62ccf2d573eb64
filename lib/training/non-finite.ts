import type { NonFiniteCause, NonFiniteReport } from '../callbacks/callback.js';
import type { CallbackList } from '../callbacks/callback-list.js';
import { ConvforgeError } from '../errors.js';
import { elementCount } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import {
  describeProgram,
  type NodeDescription,
  nodeOf,
  shapeOf,
  type ValueReference,
} from '../program/description.js';
import type { Totals } from '../program/engine.js';
import { foldedNodes } from '../program/folded-nodes.js';
import { sampleShapes, type SampleSource, withSamples } from '../program/samples.js';
import { warn } from '../warnings.js';
import type { LabelledSamples } from './labelled-data.js';
import { inOrder } from './shuffle.js';

/** Maximum number of layer output values to check at a time. */
const MAX_VALUES = 2 ** 24;

/**
 * Finds where a non-finite loss came from, or says why that can't be found. `batch` holds the indices in
 * `inputs` of the samples of that loss. Rejects only with DISPOSED.
 */
export async function findNonFinite(
  model: Model,
  inputs: readonly SampleSource[],
  batch: Uint32Array,
): Promise<NonFiniteCause> {
  try {
    return await findCause(model, inputs, batch);
  } catch (error) {
    if (!(error instanceof ConvforgeError) || error.code === 'DISPOSED') throw error;
    const description = `its cause can't be found: ${error.message}`;
    return { layer: outputNames(model), description };
  }
}

/**
 * Finds the first non-finite number: in the samples, then in the weights that the loss was computed with,
 * then in the layers' outputs.
 */
async function findCause(
  model: Model,
  inputs: readonly SampleSource[],
  batch: Uint32Array,
): Promise<NonFiniteCause> {
  const { nodes } = model.state.describe(sampleShapes(inputs)).graph;
  const { weights } = await model.state.snapshot();
  const samples = inputs.map((source) => source.pick(batch));
  return (
    inInputs(nodes, samples) ??
    inWeights(model, nodes, weights) ??
    (await inValues(model, nodes, weights, samples)) ??
    inLoss(model)
  );
}

function inInputs(
  nodes: readonly NodeDescription[],
  samples: readonly SampleSource[],
): NonFiniteCause | undefined {
  for (const [i, source] of samples.entries()) {
    const values = source.read(0, source.size);
    const index = values.findIndex((value: number) => !Number.isFinite(value));
    if (index < 0) continue;
    const layer = nodes[i].name;
    return { layer, description: `a value of the samples for '${layer}' is ${values[index]}` };
  }
  return undefined;
}

/**
 * Skips weights that aren't trained, such as moving statistics: the step has already updated them, so they
 * would hide the earlier cause.
 */
function inWeights(
  model: Model,
  nodes: readonly NodeDescription[],
  weights: readonly Float32Array[],
): NonFiniteCause | undefined {
  const owners = nodes.filter(({ sharesWith }) => sharesWith === undefined);
  const specs = model.state.weightStores.flatMap((store) => store.specs);
  const parameters = owners.flatMap(({ name, parameters }) =>
    parameters.map((parameter) => ({ name, part: parameter.name })),
  );
  for (const [i, { name, part }] of parameters.entries()) {
    if (specs[i].trainable === false) continue;
    const found = weights[i].find((value) => !Number.isFinite(value));
    if (found === undefined) continue;
    const layer = layerOf(model, name);
    return { layer, description: `a weight of '${layer}', in its ${part}, is ${found}` };
  }
  return undefined;
}

async function inValues(
  model: Model,
  nodes: readonly NodeDescription[],
  weights: readonly Float32Array[],
  samples: readonly SampleSource[],
): Promise<NonFiniteCause | undefined> {
  const folded = foldedNodes(nodes);
  const outputs = [...nodes.entries()].flatMap(([node, { op, outputs }]) =>
    op === 'input' || folded.has(node)
      ? []
      : outputs.map((_, i): ValueReference => (i === 0 ? node : [node, i])),
  );
  const { engine } = model.state;
  const program = engine.createProgram(describeProgram({ nodes, outputs }));
  try {
    program.writeWeights(weights);
    const sampleSize = outputs.reduce<number>((sum, value) => sum + elementCount(shapeOf(nodes, value)), 0);
    const batchSize = Math.max(1, Math.floor(MAX_VALUES / sampleSize));
    const { count } = samples[0];
    let first = outputs.length;
    let found: number | undefined;
    for (let start = 0; start < count; start += batchSize) {
      const part = samples.map((source) => source.range(start, Math.min(start + batchSize, count)));
      const values = await withSamples(engine, part, (x) => program.predict({ x, batchSize }).promise);
      const isNonFinite = (value: number) => !Number.isFinite(value);
      const firstFound = values.slice(0, first).findIndex((output) => output.some(isNonFinite));
      if (firstFound < 0) continue;
      first = firstFound;
      found = values[firstFound].find(isNonFinite);
    }
    if (found === undefined) return undefined;
    const layer = layerOf(model, nodes[nodeOf(outputs[first])].name);
    return { layer, description: `an output of '${layer}' is ${found}` };
  } finally {
    program.dispose();
  }
}

function inLoss(model: Model): NonFiniteCause {
  const layer = outputNames(model);
  return { layer, description: `the output of '${layer}' is finite, but its loss isn't` };
}

function outputNames(model: Model): string {
  return model.signature.outputs.map(({ name }) => name).join(', ');
}

/** Name of the layer that a node belongs to; nodes are named like "conv2d_1/activation" or "conv2d_1@2". */
function layerOf(model: Model, node: string): string {
  const layer = model.layers.find(
    ({ name }) => node === name || node.startsWith(`${name}/`) || node.startsWith(`${name}@`),
  );
  return layer?.name ?? node;
}

/** Position of a step in a fit. */
export interface StepPosition {
  /** Index from 0. */
  epoch: number;
  /** Index of the batch in the epoch, or in the validation, from 0. */
  step: number;
  /** Number of batches; null if it isn't known yet. */
  steps: number | null;
}

/** The kinds of non-finite losses that a fit has reported. */
export interface ReportedLosses {
  training: boolean;
  validation: boolean;
}

/**
 * Reports the first non-finite loss of a fit, to callbacks by onNonFinite and to people by console.warn. A
 * validation loss is reported only if no loss was reported before.
 */
export class NonFiniteWatch {
  readonly #model: Model;
  readonly #callbacks: CallbackList;
  #reported: ReportedLosses = { training: false, validation: false };
  #hasLeftOutStep = false;

  constructor(model: Model, callbacks: CallbackList) {
    this.#model = model;
    this.#callbacks = callbacks;
  }

  get reported(): ReportedLosses {
    return { ...this.#reported };
  }

  set reported(reported: ReportedLosses) {
    this.#reported = { ...reported };
  }

  /** Whether training ended without the step of its last batch. */
  get hasLeftOutStep(): boolean {
    return this.#hasLeftOutStep;
  }

  /** Whether a run must stop at a non-finite loss, with the weights that the loss was computed with. */
  get stopsAtFirst(): boolean {
    return !this.#reported.training;
  }

  /**
   * Reports why a run stopped. `batch` holds the indices in `inputs` of the samples it stopped at. Resolves
   * to whether training continues; if so, the optimizer has applied the step.
   */
  async reportStop(
    position: StepPosition,
    inputs: readonly SampleSource[],
    batch: Uint32Array,
  ): Promise<boolean> {
    this.#reported.training = true;
    const report = await this.#report(position, inputs, batch, false);
    await this.#callbacks.nonFinite(report);
    const continues = !this.#callbacks.stopsTraining;
    this.#hasLeftOutStep = !continues;
    const outcome = continues
      ? 'Training goes on; callbacks.terminateOnNaN() ends it there.'
      : 'Training ends there, with the weights from before that step.';
    if (this.#callbacks.prints) warn(`${this.#model.name}: ${report.message} ${outcome}`);
    if (continues) await this.#model.state.programToTrain(sampleShapes(inputs)).makeStep();
    return continues;
  }

  /**
   * Reports the first non-finite loss in the totals of validation samples, unless one was reported before.
   * `place` is that of their first batch.
   */
  async checkValidation(
    { epoch, step: firstStep, steps }: StepPosition,
    { firstNonFinite: step }: Totals,
    { source, count, batchSize }: LabelledSamples,
  ): Promise<void> {
    const { training, validation } = this.#reported;
    if (step === undefined || training || validation) return;
    this.#reported.validation = true;
    const batch = inOrder(count).subarray(step * batchSize, (step + 1) * batchSize);
    const report = await this.#report({ epoch, step: firstStep + step, steps }, source.x, batch, true);
    await this.#callbacks.nonFinite(report);
    const outcome = this.#callbacks.stopsTraining ? 'Training ends after that epoch.' : 'Training goes on.';
    if (this.#callbacks.prints) warn(`${this.#model.name}: ${report.message} ${outcome}`);
  }

  async #report(
    { epoch, step, steps }: StepPosition,
    inputs: readonly SampleSource[],
    batch: Uint32Array,
    validation: boolean,
  ): Promise<NonFiniteReport> {
    const cause = await findNonFinite(this.#model, inputs, batch);
    const what = validation ? 'validation loss of batch' : 'loss of step';
    const where = `${step + 1}${steps === null ? '' : ` of ${steps}`} in epoch ${epoch + 1}`;
    return {
      ...cause,
      validation,
      epoch,
      step,
      message: `the ${what} ${where} is not a finite number: ${cause.description}.`,
    };
  }
}
