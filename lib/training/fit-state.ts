import type { NamedState } from '../callbacks/callback-list.js';
import { corrupt } from '../io/failures.js';
import { isObject, type JsonObject } from '../io/read-model-json.js';
import type { OptimizerState, Totals } from '../program/engine.js';
import type { GeneratorState } from '../random/index.js';
import { isFloat32Array } from '../realms.js';
import type { Fingerprint } from './fingerprint.js';
import type { ReportedLosses } from './non-finite.js';
import type { DatasetPlace } from './train-epoch.js';

/** The place of a training in its data. */
export interface FitPlace {
  /** Index of the epoch that goes on or comes next, from 0. */
  epoch: number;
  /** Totals of the epoch so far; null before its first step. */
  totals: Totals | null;
  /** Training steps of the fit so far. */
  steps: number;
  /** The place in a dataset: the pass over it, and the batches that were taken of that. null at a pass's start. */
  dataset: DatasetPlace | null;
}

/** All that a training needs to go on as if nothing had ended it. */
export interface FitState {
  fingerprint: Fingerprint;
  place: FitPlace;
  /** Seed of the fit: of shuffling, dropout, augmentation and validation. */
  seed: number;
  /** The global generator. */
  generator: GeneratorState;
  weights: Float32Array[];
  optimizer: OptimizerState;
  /** null if a schedule gives it. */
  learningRate: number | null;
  callbacks: NamedState[];
  /** Losses that were NaN or infinite, of which a fit tells once. */
  reported: ReportedLosses;
}

/**
 * Checks the form of what was read from a checkpoint, whose bytes are right but may be anybody's. Throws
 * CORRUPT_FILE.
 */
export function readFitState(path: string, data: JsonObject): FitState {
  const check = (name: string, isRight: boolean) => {
    if (!isRight) throw corrupt(path, `its ${name} isn't that of a checkpoint of fit`);
  };
  const { fingerprint, place, seed, generator, weights, optimizer, learningRate, callbacks, reported } = data;
  check('fingerprint', isObject(fingerprint) && Object.values(fingerprint).every(isText));
  check('place', isObject(place) && isPlace(place));
  check('seed', isCount(seed));
  check('generator', isObject(generator) && isGenerator(generator));
  check('weights', isArrays(weights));
  check('optimizer', isObject(optimizer) && isOptimizer(optimizer));
  check('learningRate', learningRate === null || isRate(learningRate));
  check('callbacks', Array.isArray(callbacks) && callbacks.every(isNamedState));
  check('reported', isObject(reported) && Object.values(reported).every((each) => typeof each === 'boolean'));
  return data as unknown as FitState;
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isRate = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const isArrays = (value: unknown) => Array.isArray(value) && value.every(isFloat32Array);
const isNumbers = (value: unknown) => Array.isArray(value) && value.every(isNumber);

function isPlace({ epoch, totals, steps, dataset }: JsonObject): boolean {
  return (
    isCount(epoch) &&
    isCount(steps) &&
    (totals === null || (isObject(totals) && isTotals(totals))) &&
    (dataset === null || (isObject(dataset) && isCount(dataset.pass) && isCount(dataset.batches)))
  );
}

function isTotals({ samples, batches, firstNonFinite = 0, loss, losses, metrics }: JsonObject): boolean {
  return (
    [samples, batches, firstNonFinite].every(isCount) &&
    isNumber(loss) &&
    isNumbers(losses) &&
    Array.isArray(metrics) &&
    metrics.every(isNumbers)
  );
}

function isGenerator({ key, blocks, next, spareNormal }: JsonObject): boolean {
  const isKey =
    Array.isArray(key) && key.length === 2 && key.every((word) => isCount(word) && word < 2 ** 32);
  const isNext = isCount(next) && ((next as number) === 4 || ((next as number) < 4 && blocks !== 0));
  return isKey && isCount(blocks) && isNext && (spareNormal === null || isNumber(spareNormal));
}

function isOptimizer({ iterations, slots }: JsonObject): boolean {
  return isCount(iterations) && isObject(slots) && Object.values(slots).every(isArrays);
}

function isNamedState(state: unknown): boolean {
  return isObject(state) && isText(state.callback) && 'state' in state;
}
