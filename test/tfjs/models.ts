import { describe, test } from 'vitest';
import { RoundTrip, Unfit } from './round-trip.js';
import { drawModel } from './generator/draw-model.js';

/** Number of models that a run draws, and their seed. TFJS_MODEL selects a single one by number. */
const MODELS = Number(process.env.TFJS_MODELS ?? 50);
const SEED = Number(process.env.TFJS_SEED ?? 1);
const ONLY = process.env.TFJS_MODEL;

const NUMBERS = ONLY === undefined ? Array.from({ length: MODELS }, (_, i) => i) : [Number(ONLY)];

/** Number of attempts to draw a model that can be compared. */
const ATTEMPTS = 10;

/** Adds a test per model. */
export function describeModels(what: string, run: (trip: RoundTrip) => Promise<void>): void {
  describe(`${NUMBERS.length} models of seed ${SEED}, ${what}`, () => {
    test.each(NUMBERS)('model %i', async (number) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const spec = drawModel(SEED, number, attempt);
        if (ONLY !== undefined) console.log(JSON.stringify({ ...spec, limits: [...spec.limits] }, null, 1));
        try {
          return await run(new RoundTrip(spec));
        } catch (error) {
          if (!(error instanceof Unfit)) throw error;
        }
      }
      throw new Error(`model ${number} of seed ${SEED} never fits`);
    });
  });
}
