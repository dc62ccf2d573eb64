import path from 'node:path';
import fc from 'fast-check';
import loadAddon from 'node-gyp-build';
import { expect, test } from 'vitest';
import * as tf from '../../lib/index.js';
import type { Addon } from '../../lib/program/addon.js';
import { randomGraph } from '../support/random-graphs.js';
import { LIMIT_MS, RUNS, SEED } from './fuzz.js';
import { editJson, jsonEdits } from './mutations.js';

// Programs as `convforge explain --program` prints them, changed at random and given to the addon itself: it
// computes them, or throws an error with a code. native/test/fuzz has a fuzzer of the core behind it.

const { Program, Samples } = loadAddon(path.join(__dirname, '..', '..')) as Addon;

/** Larger programs are planned, but not run. */
const MOST_BYTES = 1 << 24;

const PROGRAMS = [1, 2, 3, 5, 8, 13].map((seed) => {
  const model = randomGraph(tf, seed);
  model.compile({ optimizer: seed % 2 ? 'adam' : 'sgd', loss: 'meanSquaredError' });
  return JSON.parse(JSON.stringify(model.state.describe()));
});

type Description = ConstructorParameters<Addon['Program']>[0];

async function run(description: Description): Promise<string> {
  try {
    const program = new Program(description);
    const { memory } = program.explain('predict', 2).wait();
    const bytes = Object.values(memory ?? {}) as number[];
    if (bytes.reduce((a, b) => a + b) > MOST_BYTES) return 'large';
    const x = description.graph.nodes
      .filter(({ op }) => op === 'input')
      .map(({ outputs }) => new Samples([2, ...outputs[0].shape], 'float32'));
    const outputs = program.sizes().outputs.map((size) => new Float32Array(2 * size));
    await program.predict(2, x, 0, outputs).promise();
    return 'ran';
  } catch (error) {
    return (error as { code?: string }).code ?? `untyped: ${(error as Error).stack}`;
  }
}

test('programs with other values', { timeout: LIMIT_MS }, async () => {
  const counts = new Map<string, number>();
  const input = fc.record({ program: fc.nat(PROGRAMS.length - 1), edits: jsonEdits });
  await fc.assert(
    fc.asyncProperty(input, async ({ program, edits }) => {
      const outcome = await run(editJson(PROGRAMS[program], edits) as Description);
      expect(outcome).toMatch(/^(ran|large|[A-Z_]+)$/);
      expect(outcome).not.toBe('INTERNAL');
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  console.log(`programs: seed ${SEED}, ${RUNS} inputs: ${JSON.stringify(Object.fromEntries(counts))}`);
  expect(counts.get('ran')).toBeGreaterThan(0);
  expect(counts.get('INVALID_ARGUMENT')).toBeGreaterThan(0);
});
