import { ConvforgeError } from '../errors.js';
import type { CompiledOutput } from '../network/compile.js';
import type { KnownPort } from '../network/ports.js';
import { isPlainObject, OptionChecks, show, unknownName } from '../options.js';
import { SampleSource } from '../program/samples.js';
import { rowShape, takesClasses } from './targets.js';

/** What samples of each class count in the loss, by the class's number, {0: 1, 1: 5}. Classes left out count 1. */
export type WeightByClass = Readonly<Record<string, number>>;

/** For one output, or for several: a list with one for each (null for all alike), or by the outputs' names. */
export type ByOutput<T> = T | readonly (T | null)[] | Readonly<Record<string, T>>;

/**
 * What samples of each class count in the loss. 'balanced' weighs each class by all samples over (classes that occur * samples of the
 * class), so that all classes count alike and the mean weight is 1. For several outputs a list, or by the outputs' names. Where an
 * output has several rows a sample, such as pixels, each row has the weight of its own class.
 */
export type ClassWeight = ByOutput<WeightByClass | 'balanced'>;

/** The same for datasets, of which the numbers of samples by class aren't known before they are read: 'balanced' isn't there. */
export type DatasetClassWeight = ByOutput<WeightByClass>;

/** Throws INVALID_ARGUMENT for 'balanced', be it of one output. */
export function checkDatasetClassWeight(subject: string, classWeight: ClassWeight | undefined): void {
  const own = classWeight !== null && typeof classWeight === 'object' ? Object.values(classWeight) : [];
  if (![classWeight, ...own].includes('balanced')) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `${subject}: classWeight 'balanced' counts all samples of a class, which a dataset doesn't tell; count once, and give weights by class.`,
  );
}

const checks = new OptionChecks('classWeight');

/** An output that has a loss. */
export interface TrainedOutput {
  port: KnownPort;
  compiled: CompiledOutput;
}

/** The same with its targets, rows of which have a class each. */
interface Labelled extends TrainedOutput {
  y: SampleSource;
}

/** Targets by output that has a loss, and weights of their samples: as many, or none. */
interface Weighed {
  y: readonly SampleSource[];
  weights: readonly SampleSource[];
  count: number;
}

/** The same samples with weights multiplied by those of their classes. Throws INVALID_ARGUMENT, UNKNOWN_OPTION, UNSUPPORTED. */
export function weighClasses<Source extends Weighed>(
  source: Source,
  classWeight: ClassWeight,
  outputs: readonly TrainedOutput[],
): Source {
  const { y, count } = source;
  const ports = outputs.map(({ port }) => port);
  const weights = weightsByPort(classWeight, ports).map((byClass, i) => {
    const given: SampleSource | undefined = source.weights[i];
    if (byClass) return weighOutput({ ...outputs[i], y: y[i] }, byClass, given);
    return given ?? floatSource(new Float32Array(count).fill(1), [count, 1]);
  });
  return { ...source, weights };
}

function weighOutput(
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
    checks.fail('INVALID_ARGUMENT', 'times sampleWeight it is too large for float32; give smaller weights.');
  return floatSource(
    products,
    rows === 1 ? [count, 1] : [count, ...rowShape(labelled.y, labelled.compiled.loss)],
  );
}

function floatSource(values: Float32Array, shape: readonly number[]): SampleSource {
  return new SampleSource('classWeight', values, shape, 'float32', (slice) => slice as Float32Array);
}

/** The class of each row: its label, the place of its largest value, or what a single value rounds to. */
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

/** How many classes a row may be of. A single output tells two classes apart. */
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
      `classWeight: '${port.name}' has ${classes} outputs that may be true together, so there is no one class to balance; give weights by class.`,
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

/** What each output has, if anything. */
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
