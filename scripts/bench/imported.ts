import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { loadModel } from '../../lib/models/load-model.js';
import type { LayersModel } from '../../lib/models/index.js';
import { setThreads } from '../../lib/program/native-engine.js';
import { buildNetwork, type Network } from './networks/network.js';
import { NETWORKS } from './networks/index.js';
import { type Result, result } from './result.js';
import { openSubject, type Subject } from './subjects.js';

export const IMPORTED = 'imported';

/** The networks that are written as ONNX and read again. */
const KEYS = ['resnet-20', 'resnet-18', 'mobilenet-v2', 'efficientnet-b0'];

/** What a subject does in a turn, and how much of it: milliseconds an image. */
const WORK: Record<string, (subject: Subject) => Promise<number>> = {
  training: async (subject) => {
    const times: number[] = [];
    await subject.train(1, () => times.push(performance.now()));
    return (times[1] - times[0]) / subject.count;
  },
  'inference of batches': async (subject) => {
    const started = performance.now();
    await subject.predictAll();
    return (performance.now() - started) / subject.count;
  },
  'one image': async (subject) => {
    const started = performance.now();
    await subject.predictOne(0);
    return performance.now() - started;
  },
};

/**
 * Measures networks that were written as ONNX files and loaded again beside the same networks as they were built, by
 * turns.
 */
export async function measureImported(turns: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const network of NETWORKS.filter(({ key }) => KEYS.includes(key))) {
    process.stderr.write(`${IMPORTED}, ${network.key}\n`);
    const built = await openSubject(network, 1);
    const imported = await openSubject(network, 1, exchange);
    for (const threads of new Set([1, os.availableParallelism()])) {
      setThreads(threads);
      for (const [work, measure] of Object.entries(WORK)) {
        const ratios = await compareByTurns(
          turns,
          () => measure(built),
          () => measure(imported),
        );
        const name = `${network.key}, ${work}: speed of the imported one`;
        results.push(result({ part: IMPORTED, name, threads, unit: 'times' }, ratios));
      }
    }
    built.dispose();
    imported.dispose();
  }
  return results;
}

/** How many times as fast the second is, by turn, after a turn to warm up. */
async function compareByTurns(
  turns: number,
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<number[]> {
  const ratios: number[] = [];
  for (let turn = 0; turn <= turns; turn++) ratios.push((await first()) / (await second()));
  return ratios.slice(1);
}

/** The network, written as an ONNX file and loaded again. */
async function exchange(network: Network): Promise<LayersModel> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'convforge-'));
  const { model } = buildNetwork(network);
  try {
    const file = path.join(folder, 'model.onnx');
    await model.save(file);
    const loaded = (await loadModel(file)) as LayersModel;
    loaded.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    return loaded;
  } finally {
    model.dispose();
    await rm(folder, { recursive: true });
  }
}
