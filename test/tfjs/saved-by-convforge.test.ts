import { expect, it } from 'vitest';
import { worst } from './closeness.js';
import { describeModels } from './models.js';

describeModels('made and saved here', (trip) => trip.fromHere());

it('convforge differs from TF.js by rounding only', () => {
  console.log(`largest share of the bounds: ${worst.share} (${worst.what})`);
  expect(worst.share).toBeLessThan(1);
});
