import { chartFigure } from './figure.js';

/** Predicted against true values, with the line on which they are equal. */
export async function scatterFigure(
  title: string,
  points: readonly { truth: number; predicted: number }[],
): Promise<string> {
  const known = points.filter(({ truth, predicted }) => Number.isFinite(truth) && Number.isFinite(predicted));
  const truths = known.map(({ truth }) => truth);
  const ends = known.length === 0 ? [0, 1] : [Math.min(...truths), Math.max(...truths)];
  return chartFigure({
    title,
    xLabel: 'true value',
    yLabel: 'predicted value',
    series: [
      { name: 'predicted', x: truths, y: known.map(({ predicted }) => predicted), marks: 'dots' },
      { name: 'equal', x: ends, y: ends },
    ],
  });
}
