import { formatNumber } from '../callbacks/format.js';
import type { Shape } from '../program/description.js';
import { factList } from './figure.js';
import { pictureTag } from './picture.js';
import { scatterFigure } from './scatter-chart.js';
import type { ValueExample, ValueStudy } from './value-study.js';

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

async function drawWorst({ worst, shape, isOfPictures }: ValueStudy): Promise<string> {
  if (worst.length === 0) return '';
  const cards = worst.map((example) => (isOfPictures ? pictureCard(example, shape) : valueCard(example)));
  const outputs = isOfPictures
    ? `<p>${worst[0].input ? 'The input, the target' : 'The target'} and the prediction.</p>\n`
    : '';
  return `<h3>Largest errors</h3>\n${outputs}<ul class="cards">\n${(await Promise.all(cards)).join('\n')}\n</ul>`;
}

/** A sample whose output is an image. */
async function pictureCard({ sample, error, input, ...values }: ValueExample, shape: Shape): Promise<string> {
  const { target, predicted } = values;
  const images = [
    input ? await pictureTag(input, `sample ${sample}`) : '',
    await pictureTag({ shape, values: target }, `target of sample ${sample}`),
    await pictureTag({ shape, values: predicted }, `prediction for sample ${sample}`, target),
  ];
  return `<li class="card wide">${images.join('')}<p>sample ${sample}: mean squared error ${formatNumber(error)}</p></li>`;
}

/** A sample whose input is an image, and whose output is a few values. */
async function valueCard({ sample, input, target, predicted }: ValueExample): Promise<string> {
  const image = input ? await pictureTag(input, `sample ${sample}`) : '';
  const list = (values: Float32Array) => Array.from(values, formatNumber).join(', ');
  return `<li class="card">${image}<p>sample ${sample}</p><p>true ${list(target)}<br>predicted ${list(predicted)}</p></li>`;
}
