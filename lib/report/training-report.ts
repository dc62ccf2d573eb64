import { History } from '../callbacks/history.js';
import { LayersModel } from '../models/layers-model.js';
import type { DataLike } from '../network/ports.js';
import { OptionChecks, show } from '../options.js';
import { checkFigures, htmlPage } from './page.js';
import { modelFigures } from './model-figures.js';
import { outputSections } from './outputs.js';
import { wholeSet } from './predictions.js';
import { runContent } from './run-content.js';
import { finiteOrNull, type RunRecord } from './run-record.js';
import { firstImage } from './first-image.js';
import { summaryOf } from './summary-text.js';

/** Options of {@link trainingReport}. */
export interface TrainingReportOptions {
  /** The heading. Default: the model's name, else 'Training'. */
  title?: string;
  /**
   * What fit resolved to, or its `history`: a value an epoch for each log key ("loss", "val_loss", "acc" ...).
   */
  history: History | Readonly<Record<string, readonly number[]>>;
  /** The model. Adds its summary, and the filters of its convolutions. */
  model?: LayersModel;
  /**
   * Samples and targets, such as those of validation; needs a compiled `model`. Adds what it predicts for them:
   * the confusion matrix, scores by class and the most confident mistakes, or errors; and feature maps of the
   * first image.
   */
  data?: readonly [DataLike, DataLike];
  /** Names of the classes, in the order of the outputs. Default: `model.classNames`. */
  classNames?: readonly string[];
  /** The text of model.summary(). Default: the model's. */
  summary?: string;
  /** Further facts, such as {'Test accuracy': '91.5 %'}. */
  facts?: Readonly<Record<string, string | number>>;
  /** The SVG texts of filters, featureMaps, gradCam and lineChart. Default: those of the model. */
  figures?: readonly string[];
}

/**
 * Makes an HTML page about a training that needs no other file: the facts, a chart for each metric in training
 * and validation, a table of the epochs, the model, and what it predicts. `fit({ report: 'report.html' })`
 * writes such a page by itself, with speed and norms by layer.
 *
 * ```ts
 * const history = await model.fit(x, y, { epochs: 5, validationData: [testX, testY] });
 * await report.write('report.html', { history, model, data: [testX, testY] });
 * ```
 *
 * @throws INVALID_ARGUMENT; UNKNOWN_OPTION; NOT_COMPILED, SHAPE_MISMATCH, INVALID_LABEL for `data`
 */
export async function trainingReport(options: TrainingReportOptions): Promise<string> {
  const { model, data, facts = {}, ...given } = checkOptions(options);
  const title = options.title ?? model?.name ?? 'Training';
  const run: RunRecord = {
    convforgeRun: 1,
    title,
    state: 'finished',
    started: new Date().toISOString(),
    epochCount: 0,
    unit: 'samples',
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)])),
    epochs: epochsOf(given.history instanceof History ? given.history.history : given.history),
    trace: { at: [], loss: [] },
  };
  const set = model && data ? wholeSet(model, data) : undefined;
  const classNames = given.classNames ?? model?.classNames ?? [];
  const content = await runContent(run, {
    summary: given.summary ?? (model && summaryOf(model)),
    outputs: model && set ? await outputSections(model, set, classNames) : undefined,
    figures:
      given.figures?.map((svg) => ({ svg })) ??
      (model ? await modelFigures(model, set && (await firstImage(set))) : []),
  });
  return htmlPage(title, content);
}

function epochsOf(history: Readonly<Record<string, readonly number[]>>): RunRecord['epochs'] {
  const count = Math.max(0, ...Object.values(history).map((values) => values.length));
  return Array.from({ length: count }, (_, epoch) => ({
    epoch,
    seconds: Number.NaN,
    samplesPerSecond: Number.NaN,
    learningRate: Number.NaN,
    logs: Object.fromEntries(
      Object.entries(history).flatMap(([key, values]) =>
        epoch < values.length ? [[key, finiteOrNull(values[epoch])]] : [],
      ),
    ),
    norms: [],
  }));
}

function checkOptions(options: TrainingReportOptions): TrainingReportOptions {
  const checks = new OptionChecks('report.trainingReport');
  const known = ['title', 'history', 'model', 'data', 'classNames', 'summary', 'facts', 'figures'];
  checks.keys(options, known);
  const { history, model, data, figures } = options;
  if (history === null || typeof history !== 'object') {
    checks.fail(
      'INVALID_ARGUMENT',
      `history is ${show(history)}; it must be an object of lists, such as {loss: [0.5, 0.4]}.`,
    );
  }
  for (const [key, values] of Object.entries(history instanceof History ? history.history : history)) {
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'number')) {
      checks.fail('INVALID_ARGUMENT', `history.${key} is ${show(values)}; it must be a list of numbers.`);
    }
  }
  if (model !== undefined && !(model instanceof LayersModel)) {
    checks.fail('INVALID_ARGUMENT', `model is ${show(model)}; give the result of sequential() or model().`);
  }
  if (data !== undefined && (!Array.isArray(data) || data.length !== 2)) {
    checks.fail('INVALID_ARGUMENT', `data is ${show(data)}; it must be [x, y].`);
  }
  if (data !== undefined && model === undefined) {
    checks.fail('INVALID_ARGUMENT', 'data needs a model that predicts it; give `model`.');
  }
  if (figures !== undefined) checkFigures(checks, figures);
  return options;
}
