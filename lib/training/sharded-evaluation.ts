import { createHash } from 'node:crypto';
import type { Distribution } from '../distribute/index.js';
import { ConvforgeError } from '../errors.js';
import type { Model } from '../network/model.js';
import type { EvaluateRun, Totals } from '../program/engine.js';
import { sampleShapes } from '../program/samples.js';
import { nthSeed } from '../random/index.js';
import type { Pending } from '../tensor/pending-tensor.js';
import { FitRanks } from './fit-ranks.js';
import { type LabelledSource, loadLabelledSamples, rangeOf } from './labelled-data.js';
import { addTotals } from './logs.js';
import { untilPrepared } from './prepared.js';

/** Number of values of each weight array that ranks compare. */
const COMPARED_VALUES = 4096;

/** How to evaluate samples in shards. */
interface ShardedRun {
  batchSize: number;
  /** The number of parts, of which each is evaluated in batches of its own. */
  shards: number;
  distribute?: Distribution;
  signal?: AbortSignal;
}

/** Starts an evaluation. The seed defaults to the global generator's. */
export function evaluateSamples({ state }: Model, run: EvaluateRun): Pending<Totals> {
  const program = state.programFor(sampleShapes(run.x));
  return program.evaluate({ ...run, seed: run.seed ?? state.runSeed() });
}

/**
 * Evaluates samples in shards: shard i has the samples [n * i / shards, n * (i + 1) / shards). Each rank computes some
 * of them, and all add up the totals in the order of the shards. So the totals depend on the shards alone.
 */
export function evaluateShards(model: Model, source: LabelledSource, run: ShardedRun): Pending<Totals> {
  const promise = addedUp(model, source, run);
  // Whoever awaits the result gets the error.
  promise.catch(() => undefined);
  const wait = () => {
    throw new ConvforgeError(
      'UNSUPPORTED',
      "An evaluation in shards doesn't block the thread; await the result.",
    );
  };
  return { promise, wait };
}

async function addedUp(model: Model, source: LabelledSource, run: ShardedRun): Promise<Totals> {
  const { distribute } = run;
  const ranks = FitRanks.of(distribute, model);
  const ownSeed = model.state.runSeed();
  if (!ranks) return sumOf(await evaluatePart(model, source, run, ownSeed, [0, run.shards]));
  const { rank, ranks: count } = distribute as Distribution;
  try {
    const seed = await ranks.begin(ownSeed);
    const facts = { samples: source.count, batchSize: run.batchSize, shards: run.shards };
    const weights = await digestOfWeights(model);
    const texts = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
    await ranks.check({ ...texts, 'the weights (a digest of some of them)': weights }, source);
    const bound = (of: number) => Math.floor((run.shards * of) / count);
    const own = await evaluatePart(model, source, run, seed, [bound(rank), bound(rank + 1)]);
    return sumOf((await ranks.gather(own)).flat());
  } catch (error) {
    await ranks.fail(error);
    throw error;
  } finally {
    ranks.release();
  }
}

/** The totals of the shards in [first, end) that have samples. */
async function evaluatePart(
  model: Model,
  source: LabelledSource,
  { batchSize, shards, signal }: ShardedRun,
  seed: number,
  [first, end]: readonly [number, number],
): Promise<Totals[]> {
  const { state } = model;
  const all: Totals[] = [];
  const bound = (shard: number) => Math.floor((source.count * shard) / shards);
  for (let shard = first; shard < end; shard++) {
    if (bound(shard) === bound(shard + 1)) continue;
    const part = rangeOf(source, bound(shard), bound(shard + 1));
    const samples = await loadLabelledSamples(state.engine, part, { batchSize, signal });
    try {
      await untilPrepared(state, sampleShapes(samples.x), signal);
      const { x, y, sampleWeights } = samples;
      const run = { x, y, sampleWeights, batchSize, signal, seed: nthSeed(seed, shard) };
      all.push(await evaluateSamples(model, run).promise);
    } finally {
      samples.dispose();
    }
  }
  return all;
}

function sumOf(totals: readonly Totals[]): Totals {
  return totals.reduce(addTotals);
}

async function digestOfWeights({ state }: Model): Promise<string> {
  const hash = createHash('sha256');
  const { weights } = await state.snapshot();
  for (const values of weights) {
    const { buffer, byteOffset, byteLength } = values.subarray(0, COMPARED_VALUES);
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}
