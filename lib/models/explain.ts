import { elementCount, fitsShape, showShape } from '../layers/shapes.js';
import type { Model } from '../network/model.js';
import { OptionChecks, show } from '../options.js';
import { currentEngine } from '../program/current-engine.js';
import type { NodeDescription, ProgramDescription, Shape } from '../program/description.js';
import type { Engine, Machine, Program } from '../program/engine.js';
import { SlicedWork } from '../program/sliced-work.js';
import {
  type MemoryExplanation,
  type PassExplanation,
  type ProgramExplanation,
  RUN_MODES,
  type RunMode,
} from '../program/explanation.js';
import { type ExplainedRun, runForProfile } from './profile-run.js';

/** Options of {@link LayersModel.explain}. */
export interface ExplainOptions {
  /** What to explain. Default: 'train' if the model is compiled, else 'predict'. */
  mode?: RunMode;
  /** Number of samples in a batch. Default 32. */
  batchSize?: number;
  /**
   * Shape of one sample, or a list of shapes for several inputs, for models whose input sizes vary. Default:
   * the shapes of the last run, else some that fit.
   */
  inputShape?: Shape | readonly Shape[];
  /** Whether training computes values again to save memory, as the option of `fit`. Default false. */
  rematerialize?: boolean;
  /** Whether to run and time some steps on random samples. The model doesn't change. Default false. */
  profile?: boolean;
}

/** A pass, with speeds if it was profiled. */
export interface MeasuredPass extends PassExplanation {
  /** Mean time of a step, in seconds. */
  seconds?: number;
  /**
   * GFLOP/s of the dense operation count. Algorithms with fewer operations, such as Winograd, may exceed the
   * peak.
   */
  gflopsPerSecond?: number;
  /** gflopsPerSecond / peak of the machine. */
  shareOfPeak?: number;
  /** Memory throughput in GB/s, for passes that memory limits. */
  gigabytesPerSecond?: number;
}

/** A node of the program: what it computes and how. */
export interface NodeExplanation {
  /** "conv2d_1", or "conv2d_1/relu" for a layer's activation; "loss" and "optimizer". */
  name: string;
  /** The op, such as "conv2d". */
  op: string;
  /** Shape of the output, without the batch axis. */
  shape: Shape;
  /** Number of parameters. */
  parameters: number;
  /** Passes of the node. Empty if another node's pass does the work (see `fused`), or if there is none. */
  passes: MeasuredPass[];
}

/** How a model is computed: see LayersModel.explain. */
export interface Explanation {
  /** Name of the model. */
  model: string;
  /** Engine that runs the model. */
  engine: 'native' | 'reference';
  /** Instruction set that the native engine uses. */
  isa?: string;
  /** Number of threads of the native engine. */
  threads?: number;
  /** The kind of run that is explained. */
  mode: RunMode;
  /** Number of samples in a step. */
  batchSize: number;
  /** Nodes in program order; then, for training and evaluation, "loss" and "optimizer". */
  nodes: NodeExplanation[];
  /** Dense operation count of all passes, in FLOP per sample. */
  flops: number;
  /** Memory in bytes. Absent for the reference engine, which leaves memory to the garbage collector. */
  memory?: TotalMemory;
  /** Times of the profiled steps. Absent without `profile`. */
  profile?: ProfileExplanation;
}

/** Memory of a model, in bytes. */
export interface TotalMemory extends MemoryExplanation {
  /** Sum of all parts, with scratch counted once for each thread. */
  total: number;
}

/** Times of steps on random samples. */
export interface ProfileExplanation {
  /** Number of measured steps. */
  steps: number;
  /** Mean time of a step, in seconds. */
  seconds: number;
  /** Throughput of the measured steps. */
  samplesPerSecond: number;
  /** Peak of the machine in GFLOP/s: fused multiply-adds on registers, measured right after the steps. */
  peak: number;
  /** Share of the peak that the dense operation count of the steps reaches. */
  shareOfPeak: number;
}

/** Explains how `model` is computed: see LayersModel.explain. */
export async function explain(model: Model, options: ExplainOptions = {}): Promise<Explanation> {
  const { inputShapes, profile, ...run } = readOptions(model, options);
  const { engine } = model.state;
  const steps = model.state.describeInSlices(inputShapes ?? model.state.latestShapes);
  const { description } = await new SlicedWork(steps).promise;
  const program = await new SlicedWork(engine.createProgramInSlices(description)).promise;
  try {
    if (profile) await runForProfile(model, program, description, run);
    const peak = profile ? await engine.machine?.().measurePeak() : undefined;
    return await explanationOf(model.name, engine, program, description, run, peak);
  } finally {
    program.dispose();
  }
}

/** Explains how the current engine computes a program that belongs to no model. */
export async function explainDescription(
  name: string,
  description: ProgramDescription,
  {
    mode = description.training ? 'train' : 'predict',
    batchSize = 32,
  }: Pick<ExplainOptions, 'mode' | 'batchSize'>,
): Promise<Explanation> {
  const engine = currentEngine();
  const program = engine.createProgram(description);
  try {
    const run = { mode, batchSize, rematerialize: false };
    return await explanationOf(name, engine, program, description, run);
  } finally {
    program.dispose();
  }
}

async function explanationOf(
  name: string,
  engine: Engine,
  program: Program,
  description: ProgramDescription,
  { mode, batchSize, rematerialize }: ExplainedRun,
  peak?: number,
): Promise<Explanation> {
  const machine = engine.machine?.();
  const explanation = await program.explain(mode, batchSize, rematerialize).promise;
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
  checks.keys(options, ['mode', 'batchSize', 'inputShape', 'rematerialize', 'profile']);
  const mode = options.mode ?? (model.isCompiled ? 'train' : 'predict');
  const rematerialize = checks.boolean('rematerialize', options.rematerialize ?? false);
  if (!RUN_MODES.includes(mode)) {
    checks.fail('INVALID_ARGUMENT', `mode is ${show(mode)}; it can be ${RUN_MODES.join(', ')}.`);
  }
  if (rematerialize && mode !== 'train') {
    checks.fail('INVALID_ARGUMENT', `rematerialize is for mode 'train', not '${mode}'; leave it out.`);
  }
  return {
    mode,
    batchSize: checks.whole('batchSize', options.batchSize ?? 32, 1),
    inputShapes: readInputShapes(checks, model, options.inputShape),
    rematerialize,
    profile: checks.boolean('profile', options.profile ?? false),
  };
}

/** Throws INVALID_ARGUMENT, or SHAPE_MISMATCH for shapes that don't fit the model. */
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

/**
 * Adds speeds to a pass. `seconds` of the argument sums all profiled steps; `seconds` of the result is the
 * mean of one.
 */
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

/** Groups passes by node. Passes of the loss and of the update form nodes of their own. */
function byNode(nodes: readonly NodeDescription[], passes: readonly MeasuredPass[]): NodeExplanation[] {
  const isOther = ({ kind }: MeasuredPass) => kind === 'loss' || kind === 'update';
  const ofNode = new Map<string, MeasuredPass[]>(nodes.map(({ name }) => [name, []]));
  for (const pass of passes) if (!isOther(pass)) ofNode.get(pass.node)?.push(pass);
  const own = nodes.map(({ name, op, outputs: [{ shape }], parameters }) => ({
    name,
    op,
    shape,
    parameters: parameters.reduce((sum, parameter) => sum + elementCount(parameter.shape), 0),
    passes: ofNode.get(name) as MeasuredPass[],
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
