import { ConvforgeError } from '../errors.js';
import type { CompiledOutput } from '../network/compile.js';
import type { KnownPort } from '../network/ports.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import { SampleSource } from '../program/samples.js';
import { rowShape, takesClasses } from './targets.js';

/** Weight of each class in the loss, by class index: {0: 1, 1: 5}. Other classes weigh 1. */
export type WeightByClass = Readonly<Record<string, number>>;

/**
 * A value for the only output; for several outputs, a list in their order (null for none) or an object by
 * their names.
 */
export type ByOutput<T> = T | readonly (T | null)[] | Readonly<Record<string, T>>;

/**
 * Weight of each class in the loss. 'balanced' weighs class c by samples / (occurring classes * samples of
 * c): all classes then have the same total weight, and the mean weight is 1. Several outputs take a list in
 * their order, or an object by their names. If a sample has several rows, such as pixels, each row gets the
 * weight of its own class.
 */
export type ClassWeight = ByOutput<WeightByClass | 'balanced'>;

/**
 * Class weights for datasets. 'balanced' is left out, as class counts aren't known before the dataset is
 * read.
 */
export type DatasetClassWeight = ByOutput<WeightByClass>;

/** Throws INVALID_ARGUMENT if any output's weights are 'balanced'. */
export function checkDatasetClassWeight(subject: string, classWeight: ClassWeight | undefined): void {
  const own = classWeight !== null && typeof classWeight === 'object' ? Object.values(classWeight) : [];
  if (![classWeight, ...own].includes('balanced')) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `${subject}: classWeight 'balanced' needs the number of samples of each class, which a dataset doesn't tell; count them once, and give weights by class.`,
  );
}

const checks = new OptionChecks('classWeight');

/** An output that has a loss. */
export interface TrainedOutput {
  port: KnownPort;
  compiled: CompiledOutput;
}

/** An output that has a loss, with its targets. Each row of them has one class. */
interface Labelled extends TrainedOutput {
  y: SampleSource;
}

/** Targets and sample weights, one entry for each output that has a loss. `weights` may be empty. */
interface Weighable {
  y: readonly SampleSource[];
  weights: readonly SampleSource[];
  count: number;
}

/**
 * Multiplies the sample weights by those of the samples' classes. Throws INVALID_ARGUMENT, UNKNOWN_OPTION,
 * UNSUPPORTED.
 */
export function applyClassWeights<Source extends Weighable>(
  source: Source,
  classWeight: ClassWeight,
  outputs: readonly TrainedOutput[],
): Source {
  const { y, count } = source;
  const ports = outputs.map(({ port }) => port);
  const weights = weightsByPort(classWeight, ports).map((byClass, i) => {
    const given: SampleSource | undefined = source.weights[i];
    if (byClass) return applyToOutput({ ...outputs[i], y: y[i] }, byClass, given);
    return given ?? floatSource(new Float32Array(count).fill(1), [count, 1]);
  });
  return { ...source, weights };
}

function applyToOutput(
  labelled: Labelled,
  byClass: WeightByClass | 'balanced',
  given: SampleSource | undefined,
): SampleSource {
  const labels = labelsOf(labelled);
  const weights = byClass === 'balanced' ? balancedWeights(labelled, labels) : readWeights(labelled, byClass);
  const { count } = labelled.y;
  const rows = labels.length / count;
  const factors = given?.read(0, given.size);
  const factorsPerSample = given ? given.size / count : 1;
  const products = new Float32Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const factor = factors ? factors[factorsPerSample === 1 ? Math.floor(row / rows) : row] : 1;
    products[row] = factor * (weights.get(labels[row]) ?? 1);
  }
  if (products.some((weight) => !Number.isFinite(weight)))
    checks.fail(
      'INVALID_ARGUMENT',
      'its product with sampleWeight is too large for float32; give smaller weights.',
    );
  return floatSource(
    products,
    rows === 1 ? [count, 1] : [count, ...rowShape(labelled.y, labelled.compiled.loss)],
  );
}

function floatSource(values: Float32Array, shape: readonly number[]): SampleSource {
  return new SampleSource('classWeight', values, shape, 'float32', (slice) => slice as Float32Array);
}

/** The class of each row: its label, the argmax of its values, or a single value rounded. */
function labelsOf({ y, compiled }: Labelled): ArrayLike<number> {
  const values = y.read(0, y.size);
  if (takesClasses(compiled.loss)) return values;
  const [size] = y.shape.slice(-1);
  if (size === 1) return values.map(Math.round);
  const labels = new Int32Array(values.length / size);
  for (let row = 0; row < labels.length; row++) {
    const first = row * size;
    let best = 0;
    for (let c = 1; c < size; c++) if (values[first + c] > values[first + best]) best = c;
    labels[row] = best;
  }
  return labels;
}

/** Number of classes of an output. A single unit tells two classes apart. */
function classCount({ port }: Labelled): number {
  const [size] = port.shape.slice(-1);
  return size === 1 ? 2 : size;
}

function balancedWeights(labelled: Labelled, labels: ArrayLike<number>): Map<number, number> {
  const { port, compiled } = labelled;
  const classes = classCount(labelled);
  const isBinary = compiled.loss.kind.startsWith('binary');
  if (isBinary && classes > 2) {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `classWeight: '${port.name}' has ${classes} binary units that may be true together, so a sample has no single class to balance; give weights by class.`,
    );
  }
  const counts = new Map<number, number>();
  let all = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row];
    if (label === compiled.loss.ignoreClass) continue;
    if (label < 0 || label >= classes)
      checks.fail(
        'INVALID_ARGUMENT',
        `'balanced' takes classes from 0 to ${classes - 1}, but '${port.name}' has the target ${label}.`,
      );
    counts.set(label, (counts.get(label) ?? 0) + 1);
    all++;
  }
  return new Map([...counts].map(([label, count]) => [label, all / (counts.size * count)]));
}

function readWeights(labelled: Labelled, weights: WeightByClass): Map<number, number> {
  const classes = classCount(labelled);
  return new Map(
    Object.entries(weights).map(([key, weight]) => {
      const label = Number(key);
      if (!Number.isInteger(label) || label < 0 || !Number.isFinite(weight)) {
        checks.fail(
          'INVALID_ARGUMENT',
          `${show(key)} has ${show(weight)}; classes are whole numbers from 0 up, weights finite numbers.`,
        );
      }
      if (label >= classes) {
        checks.fail(
          'INVALID_ARGUMENT',
          `there is no class ${label}; '${labelled.port.name}' has ${classes}, from 0.`,
        );
      }
      return [label, weight];
    }),
  );
}

type OwnWeights = WeightByClass | 'balanced' | undefined;

/** The class weights of each output; undefined for an output without them. */
function weightsByPort(classWeight: ClassWeight, ports: readonly KnownPort[]): OwnWeights[] {
  if (classWeight === 'balanced') return ports.map(() => classWeight);
  const names = ports.map(({ name }) => name);
  if (Array.isArray(classWeight)) {
    if (classWeight.length === ports.length)
      return classWeight.map((own, i) => readOwn(own ?? undefined, names[i]));
    return checks.fail(
      'INVALID_ARGUMENT',
      `it has ${classWeight.length} entries; the model has ${ports.length} outputs with a loss: ${names.join(', ')}.`,
    );
  }
  if (!isPlainObject(classWeight))
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `classWeight is ${show(classWeight)}; give weights by class, {0: 1, 1: 5}, or 'balanced'.`,
    );
  const byKey = classWeight as Readonly<Record<string, unknown>>;
  const isByOutput = Object.values(byKey).some((own) => own === 'balanced' || typeof own === 'object');
  if (!isByOutput && ports.length === 1) return [byKey as WeightByClass];
  const unknown = Object.keys(byKey).find((key) => !names.includes(key));
  if (unknown !== undefined) checks.fail('UNKNOWN_OPTION', unknownName('output', unknown, names));
  return names.map((name) => readOwn(byKey[name], name));
}

function readOwn(own: unknown, output: string): OwnWeights {
  if (own === undefined || own === 'balanced') return own;
  if (isPlainObject(own)) return own as WeightByClass;
  return checks.fail(
    'INVALID_ARGUMENT',
    `'${output}' has ${show(own)}; give weights by class, {0: 1, 1: 5}, or 'balanced'.`,
  );
}
