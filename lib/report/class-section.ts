import {
  type ClassScores,
  classScores,
  type ClassStudy,
  type Mistake,
  type Segmented,
} from './class-study.js';
import { confusionChart } from './confusion-chart.js';
import { escapeText } from './escape.js';
import { jsonScript, table } from './figure.js';
import type { LabelStudy } from './label-study.js';
import { maskTag, pictureTag } from './picture.js';
import { MASK_COLOURS } from './chart-style.js';

/** The most rows of the table of classes, and of the list of confused pairs. */
const MOST_ROWS = 100;
const MOST_PAIRS = 10;

/** Accuracy, confusion matrix, scores by class, and the worst predictions, as HTML. */
export async function drawClassStudy(study: ClassStudy, given: readonly string[]): Promise<string> {
  const { classes, confusion } = study;
  const names = Array.from({ length: classes }, (_, i) => given[i] ?? `class ${i}`);
  const total = confusion.reduce((sum, count) => sum + count, 0);
  const right = names.reduce((sum, _, i) => sum + confusion[i * classes + i], 0);
  const what = study.isOfSamples ? 'samples' : 'positions';
  const scores = classScores(confusion, classes);
  const parts = [
    `<p>${percent(right / total)} of ${total.toLocaleString('en-US')} ${what} right.</p>`,
    await confusionFigure(study, names),
    '<h3>Scores by class</h3>',
    scoreTable(scores, names, study.isOfSamples),
    study.isOfSamples
      ? await drawMistakes(study.mistakes, names)
      : await drawWorst(study.worst, study, names),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** The scores of each label, as HTML. */
export function drawLabelStudy({ scores, samples, whole }: LabelStudy, given: readonly string[]): string {
  const names = scores.map((_, i) => given[i] ?? `label ${i}`);
  return [
    `<p>All labels right: ${percent(whole / samples)} of ${samples.toLocaleString('en-US')} samples.</p>`,
    '<h3>Scores by label</h3>',
    scoreTable(scores, names, true),
  ].join('\n');
}

async function confusionFigure(
  { confusion, classes }: ClassStudy,
  names: readonly string[],
): Promise<string> {
  const svg = await confusionChart(confusion, names);
  const rows = names.map((_, i) => Array.from(confusion.subarray(i * classes, (i + 1) * classes)));
  // The matrix of many classes is mostly zeros; its pairs say more.
  const data = jsonScript({ title: 'Confusion matrix', classes: names, rows: classes <= 100 ? rows : [] });
  return `<figure class="matrix-figure" tabindex="0" role="group" aria-label="Confusion matrix">\n${svg}\n${data}\n</figure>\n${confusedPairs(confusion, names)}`;
}

function confusedPairs(confusion: Float64Array, names: readonly string[]): string {
  const pairs: { truth: number; predicted: number; count: number }[] = [];
  for (const [i, count] of confusion.entries()) {
    const [truth, predicted] = [Math.floor(i / names.length), i % names.length];
    if (count > 0 && truth !== predicted) pairs.push({ truth, predicted, count });
  }
  if (pairs.length === 0) return '';
  const most = pairs.sort((a, b) => b.count - a.count).slice(0, MOST_PAIRS);
  const items = most.map(
    ({ truth, predicted, count }) =>
      `<li>${escapeText(names[truth])} taken for ${escapeText(names[predicted])}: ${count.toLocaleString('en-US')}</li>`,
  );
  return `<h3>Most confused</h3>\n<ol class="pairs">${items.join('')}</ol>`;
}

function scoreTable(scores: readonly ClassScores[], names: readonly string[], isOfSamples: boolean): string {
  const columns = ['class', 'precision', 'recall', 'F1', ...(isOfSamples ? [] : ['IoU']), 'support'];
  const row = ({ precision, recall, f1, iou, support }: ClassScores, name: string) => [
    name,
    ...[precision, recall, f1, ...(isOfSamples ? [] : [iou])].map(share),
    Math.round(support).toLocaleString('en-US'),
  ];
  const shown = scores.slice(0, MOST_ROWS).map((score, i) => row(score, names[i]));
  const rows = [...shown, row(meanScores(scores), 'mean of the classes')];
  const left = scores.length - MOST_ROWS;
  return (
    table(columns, rows) + (left > 0 ? `<p>The first ${MOST_ROWS} of ${scores.length} classes.</p>` : '')
  );
}

/** The unweighted mean over the classes that have a score; the support is the sum. */
function meanScores(scores: readonly ClassScores[]): ClassScores {
  const mean = (of: (scores: ClassScores) => number) => {
    const known = scores.map(of).filter((value) => !Number.isNaN(value));
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    support: scores.reduce((sum, { support }) => sum + support, 0),
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
    iou: mean(({ iou }) => iou),
  };
}

async function drawMistakes(mistakes: readonly Mistake[], names: readonly string[]): Promise<string> {
  if (mistakes.length === 0) return '';
  const cards = mistakes.map(async ({ sample, truth, best, picture }) => {
    const name = escapeText(names[truth]);
    const image = picture ? await pictureTag(picture, `sample ${sample}, ${names[truth]}`) : '';
    const guesses = best.map(
      ({ class: index, probability }) => `<li>${escapeText(names[index])} ${percent(probability)}</li>`,
    );
    return `<li class="card">${image}<p>sample ${sample}: <b>${name}</b></p><ol>${guesses.join('')}</ol></li>`;
  });
  return `<h3>Most confident mistakes</h3>\n<ul class="cards">\n${(await Promise.all(cards)).join('\n')}\n</ul>`;
}

async function drawWorst(
  worst: readonly Segmented[],
  { shape }: ClassStudy,
  names: readonly string[],
): Promise<string> {
  if (worst.length === 0 || shape.length !== 3) return '';
  const size = shape.slice(0, 2);
  const rows = worst.map(async ({ sample, accuracy, picture, truth, predicted }) => {
    const images = [
      picture ? await pictureTag(picture, `sample ${sample}`) : '',
      await maskTag({ shape: size, values: truth }, MASK_COLOURS, `true classes of sample ${sample}`),
      await maskTag(
        { shape: size, values: predicted },
        MASK_COLOURS,
        `predicted classes of sample ${sample}`,
      ),
    ];
    return `<li class="card wide">${images.join('')}<p>sample ${sample}: ${percent(accuracy)} right</p></li>`;
  });
  const legend = names
    .slice(0, MASK_COLOURS.length)
    .map((name, i) => `<li><i style="background:${MASK_COLOURS[i]}"></i>${escapeText(name)}</li>`);
  return (
    `<h3>Least accurate samples</h3>\n<p>The image, its true classes, and the predicted ones.</p>\n` +
    `<ul class="legend">${legend.join('')}</ul>\n<ul class="cards">\n${(await Promise.all(rows)).join('\n')}\n</ul>`
  );
}

function percent(value: number): string {
  return Number.isNaN(value) ? '-' : `${(100 * value).toFixed(1)} %`;
}

function share(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(3);
}
