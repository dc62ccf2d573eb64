import { expect, it } from 'vitest';
import { metricChart } from '../../lib/report/curves.js';

it.each<[string, number[], string]>([
  ['loss', [2, 0.5, 0.02], 'log'],
  ['val_loss', [2, Number.NaN, 0.02], 'log'],
  ['brightness_loss', [2, 0.02], 'log'],
  ['loss', [2, 0.021], 'linear'],
  ['loss', [2, 0], 'linear'],
  ['loss', [2, -0.001], 'linear'],
  ['loss', [], 'linear'],
  ['loss', [Number.NaN], 'linear'],
  ['acc', [0.001, 0.9], 'linear'],
])('draws %s of %j on an axis that is %s', (metric, y, yScale) => {
  expect(metricChart(metric, [{ name: metric, y }]).yScale).toBe(yScale);
});
