import { elementCount, fitsShape, showShape } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import { OptionChecks, show } from '../options.js';
import { currentEngine } from '../program/current-engine.js';
import type { NodeDescription, ProgramDescription, Shape } from '../program/description.js';
import type { Engine, Machine, Program } from '../program/engine.js';
import {
  type MemoryExplanation,
  type PassExplanation,
  type ProgramExplanation,
  RUN_MODES,
  type RunMode,
} from '../program/explanation.js';
import { runForProfile } from './profile-run.js';

/** Options of {@link LayersModel.explain}. */
export interface ExplainOptions {
  /** Default 'train' for a model that was compiled, else 'predict'. */
  mode?: RunMode;
  /** Samples that are computed together. Default 32. */
  batchSize?: number;
  /**
   * Of one sample, or a list of them for several inputs: of a model that leaves sizes open. Default: what it was run with last, or else
   * some that fit.
   */
  inputShape?: Shape | readonly Shape[];
  /** Whether to run some steps on random samples and measure them; the model stays as it is. Default false. */
  profile?: boolean;
}

/** A pass, with speeds if it was profiled. */
export interface MeasuredPass extends PassExplanation {
  /** Of one step, on average. */
  seconds?: number;
  /** Counted densely, so that an algorithm that needs fewer operations may exceed the peak. */
  gflopsPerSecond?: number;
  /** gflopsPerSecond over the machine's peak. */
  shareOfPeak?: number;
  /** Where memory is the limit. */
  gigabytesPerSecond?: number;
}

/** A node of the program, what it computes and how. */
export interface NodeExplanation {
  /** "conv2d_1", or "conv2d_1/relu" for a layer's activation; "loss" and "optimizer". */
  name: string;
  /** What it computes: "conv2d". */
  op: string;
  /** Of one output, without the batch. */
  shape: Shape;
  /** Elements of its weights. */
  parameters: number;
  /** None where the work is done in another node's pass (see `fused`), or where there is none. */
  passes: MeasuredPass[];
}

/** How a model is computed: see LayersModel.explain. */
export interface Explanation {
  /** The name of the model. */
  model: string;
  /** What runs it. */
  engine: 'native' | 'reference';
  /** The native engine's instruction set and number of threads. */
  isa?: string;
  /** Threads of the native engine. */
  threads?: number;
  /** What for it is run. */
  mode: RunMode;
  /** Samples of a step. */
  batchSize: number;
  /** In the order of the program; then, in training and evaluation, "loss" and "optimizer". */
  nodes: NodeExplanation[];
  /** Of one sample, counted densely, in all passes. */
  flops: number;
  /** Bytes. The reference engine leaves memory to the garbage collector. */
  memory?: TotalMemory;
  /** Present where it was profiled. */
  profile?: ProfileExplanation;
}

/** What a model takes in memory. */
export interface TotalMemory extends MemoryExplanation {
  /** Bytes of all of it, scratch once for each thread. */
  total: number;
}

/** Times of steps on random samples. */
export interface ProfileExplanation {
  /** That were measured. */
  steps: number;
  /** Of one step, on average. */
  seconds: number;
  /** Speed of the steps that were measured. */
  samplesPerSecond: number;
  /** The machine's peak in GFLOP/s, measured beside the steps by fused multiply-adds on registers. */
  peak: number;
  /** What the samples take, counted densely, over the peak. */
  shareOfPeak: number;
}

/** Tells how `model` is computed: see LayersModel.explain. */
export async function explain(model: Model, options: ExplainOptions = {}): Promise<Explanation> {
  const { mode, batchSize, inputShapes, profile } = readOptions(model, options);
  const { engine } = model.state;
  const description = model.state.describe(inputShapes);
  const program = engine.createProgram(description);
  try {
    if (profile) await runForProfile(model, program, description, mode, batchSize);
    const peak = profile ? await engine.machine?.().measurePeak() : undefined;
    return explanationOf(model.name, engine, program, description, mode, batchSize, peak);
  } finally {
    program.dispose();
  }
}

/** Tells how a program that comes from no model is computed, by the present engine. */
export function explainDescription(
  name: string,
  description: ProgramDescription,
  {
    mode = description.training ? 'train' : 'predict',
    batchSize = 32,
  }: Pick<ExplainOptions, 'mode' | 'batchSize'>,
): Explanation {
  const engine = currentEngine();
  const program = engine.createProgram(description);
  try {
    return explanationOf(name, engine, program, description, mode, batchSize);
  } finally {
    program.dispose();
  }
}

function explanationOf(
  name: string,
  engine: Engine,
  program: Program,
  description: ProgramDescription,
  mode: RunMode,
  batchSize: number,
  peak?: number,
): Explanation {
  const machine = engine.machine?.();
  const explanation = program.explain(mode, batchSize);
  const passes = explanation.passes.map((pass) => speeds(pass, explanation, peak));
  const flops = explanation.passes.reduce((sum, pass) => sum + pass.flops, 0);
  return {
    model: name,
    engine: engine.name,
    ...(machine && { isa: machine.isa, threads: machine.threads }),
    mode,
    batchSize,
    nodes: byNode(description.graph.nodes, passes),
    flops,
    ...(explanation.memory && { memory: withTotal(explanation.memory, machine) }),
    ...(peak !== undefined && { profile: profileOf(explanation, flops, peak) }),
  };
}

interface Settings extends Required<Omit<ExplainOptions, 'inputShape'>> {
  inputShapes: readonly Shape[] | undefined;
}

function readOptions(model: Model, options: ExplainOptions): Settings {
  const checks = new OptionChecks('explain');
  checks.keys(options, ['mode', 'batchSize', 'inputShape', 'profile']);
  const mode = options.mode ?? (model.isCompiled ? 'train' : 'predict');
  if (!RUN_MODES.includes(mode)) {
    checks.fail('INVALID_ARGUMENT', `mode is ${show(mode)}; it can be ${RUN_MODES.join(', ')}.`);
  }
  return {
    mode,
    batchSize: checks.whole('batchSize', options.batchSize ?? 32, 1),
    inputShapes: readInputShapes(checks, model, options.inputShape),
    profile: checks.boolean('profile', options.profile ?? false),
  };
}

/** Throws INVALID_ARGUMENT, or SHAPE_MISMATCH for shapes that the model doesn't take. */
function readInputShapes(
  checks: OptionChecks,
  { inputs }: Model,
  given: unknown,
): readonly Shape[] | undefined {
  if (given === undefined) return undefined;
  const list: unknown[] = Array.isArray(given) && Array.isArray(given[0]) ? given : [given];
  const isShape = (shape: unknown) =>
    Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 1);
  if (list.length !== inputs.length || !list.every(isShape)) {
    checks.fail(
      'INVALID_ARGUMENT',
      `inputShape is ${show(given)}; give the sizes of a sample, such as [224, 224, 3], for each of ${inputs.length} inputs.`,
    );
  }
  const shapes = list as Shape[];
  for (const [i, { name, sampleShape }] of inputs.entries()) {
    if (fitsShape(shapes[i], sampleShape)) continue;
    checks.fail(
      'SHAPE_MISMATCH',
      `inputShape is ${showShape(shapes[i])}, but ${name} takes ${showShape(sampleShape)}.`,
    );
  }
  return shapes;
}

/** `seconds` of a pass are those of all profiled steps before, and of one step after. */
function speeds(
  pass: PassExplanation,
  { profile }: ProgramExplanation,
  peak: number | undefined,
): MeasuredPass {
  if (pass.seconds === undefined || profile === undefined || peak === undefined) return pass;
  const measured: MeasuredPass = { ...pass, seconds: pass.seconds / profile.steps };
  if (pass.flops > 0) {
    measured.gflopsPerSecond = (pass.flops * profile.samples * 1e-9) / pass.seconds;
    measured.shareOfPeak = measured.gflopsPerSecond / peak;
  }
  const bytes = pass.bytes * profile.samples + pass.stepBytes * profile.steps;
  if (bytes > 0) measured.gigabytesPerSecond = (bytes * 1e-9) / pass.seconds;
  return measured;
}

function profileOf({ profile }: ProgramExplanation, flops: number, peak: number): ProfileExplanation {
  const { steps, samples, seconds } = profile as NonNullable<typeof profile>;
  const samplesPerSecond = samples / seconds;
  const shareOfPeak = (samplesPerSecond * flops * 1e-9) / peak;
  return { steps, seconds: seconds / steps, samplesPerSecond, peak, shareOfPeak };
}

/** Loss and update belong to no node, whatever its name. */
function byNode(nodes: readonly NodeDescription[], passes: readonly MeasuredPass[]): NodeExplanation[] {
  const isOther = ({ kind }: MeasuredPass) => kind === 'loss' || kind === 'update';
  const own = nodes.map(({ name, op, outputs: [{ shape }], parameters }) => ({
    name,
    op,
    shape,
    parameters: parameters.reduce((sum, parameter) => sum + elementCount(parameter.shape), 0),
    passes: passes.filter((pass) => pass.node === name && !isOther(pass)),
  }));
  const others = passes.filter(isOther).map((pass) => ({
    name: pass.node,
    op: pass.node,
    shape: [],
    parameters: 0,
    passes: [pass],
  }));
  return [...own, ...others];
}

function withTotal(memory: MemoryExplanation, machine?: Machine): TotalMemory {
  const { arena, scratch, weights, gradients, optimizer } = memory;
  return { ...memory, total: arena + scratch * (machine?.threads ?? 1) + weights + gradients + optimizer };
}
