import { describe, test } from 'vitest';
import { Course, Unfit } from './course.js';
import { drawModel } from './generator/draw-model.js';

/** How many models a run draws, and from which seed; a single one by its number alone. */
const MODELS = Number(process.env.TFJS_MODELS ?? 200);
const SEED = Number(process.env.TFJS_SEED ?? 1);
const ONLY = process.env.TFJS_MODEL;

const NUMBERS = ONLY === undefined ? Array.from({ length: MODELS }, (_, i) => i) : [Number(ONLY)];

/** How often a model that doesn't fit is drawn again. */
const ATTEMPTS = 10;

/** A test for each model. */
export function describeModels(what: string, run: (course: Course) => Promise<void>): void {
  describe(`${NUMBERS.length} models of seed ${SEED}, ${what}`, () => {
    test.each(NUMBERS)('model %i', async (number) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const spec = drawModel(SEED, number, attempt);
        if (ONLY !== undefined) console.log(JSON.stringify({ ...spec, limits: [...spec.limits] }, null, 1));
        try {
          return await run(new Course(spec));
        } catch (error) {
          if (!(error instanceof Unfit)) throw error;
        }
      }
      throw new Error(`model ${number} of seed ${SEED} never fits`);
    });
  });
}
