import { formatNumber } from '../callbacks/format.js';
import { factList } from './figure.js';
import { pictureTag } from './picture.js';
import { scatterFigure } from './scatter-chart.js';
import type { ValueStudy } from './value-study.js';

/** Errors, a chart of predicted against true values, and the worst images, as HTML. */
export async function drawValueStudy(study: ValueStudy): Promise<string> {
  const { samples, meanAbsoluteError, rootMeanSquaredError, r2, points } = study;
  const facts = factList({
    Samples: samples.toLocaleString('en-US'),
    'Mean absolute error': formatNumber(meanAbsoluteError),
    'Root mean squared error': formatNumber(rootMeanSquaredError),
    'R²': Number.isFinite(r2) ? r2.toFixed(4) : '-',
  });
  const chart = await scatterFigure('Predicted and true values', points);
  return [facts, chart, await drawWorst(study)].filter((part) => part !== '').join('\n');
}

async function drawWorst({ worst }: ValueStudy): Promise<string> {
  if (worst.length === 0) return '';
  const cards = worst.map(async ({ sample, error, input, target, predicted }) => {
    const images = [
      input ? await pictureTag(input, `sample ${sample}`) : '',
      await pictureTag(target, `target of sample ${sample}`),
      await pictureTag(predicted, `prediction for sample ${sample}`, target.values),
    ];
    return `<li class="card wide">${images.join('')}<p>sample ${sample}: mean squared error ${formatNumber(error)}</p></li>`;
  });
  const what = worst[0].input
    ? 'The input, the target and the prediction.'
    : 'The target and the prediction.';
  return `<h3>Largest errors</h3>\n<p>${what}</p>\n<ul class="cards">\n${(await Promise.all(cards)).join('\n')}\n</ul>`;
}
