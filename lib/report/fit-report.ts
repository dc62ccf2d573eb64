import { Callback, type Logs } from '../callbacks/callback.js';
import type { EpochTiming, Progress } from '../callbacks/display.js';
import { formatLogs } from '../callbacks/format.js';
import { ConvforgeError } from '../errors.js';
import type { LayersModel } from '../models/layers-model.js';
import { describeMachine } from '../machine.js';
import { isPlainObject, OptionChecks, show } from '../options.js';
import { engineInfo } from '../program/native-engine.js';
import { isError } from '../realms.js';
import {
  type FitObserver,
  type FitReportOptions,
  type LiveOptions,
  type ObservationOptions,
  type ObservedFit,
  provideObserver,
} from '../training/observer.js';
import { describeOptimizer } from './describe-optimizer.js';
import { firstImage } from './first-image.js';
import { Frugal } from './frugal.js';
import { layerNorms } from './layer-norms.js';
import { LivePage } from './live-page.js';
import { modelFigures } from './model-figures.js';
import { outputSections } from './outputs.js';
import { htmlPage } from './page.js';
import { runContent, type RunParts } from './run-content.js';
import { finiteOrNull, type RunRecord } from './run-record.js';
import { summaryOf } from './summary-text.js';
import { write } from './write.js';

/** The most points of the loss within an epoch. */
const POINTS_PER_EPOCH = 50;

/** Records a fit, writes its page, and serves it. */
export class FitReport extends Callback implements FitObserver {
  readonly #report?: FitReportOptions;
  readonly #live?: LivePage;
  #run!: RunRecord;
  #fit!: ObservedFit;
  #timing?: EpochTiming;
  readonly #norms = new Frugal();
  readonly #pages = new Frugal();
  #parts: RunParts = {};
  /** Samples and mean loss of the epoch at the newest point of the trace. */
  #traced = { samples: 0, loss: 0 };

  constructor(report: FitReportOptions | undefined, live: LiveOptions | undefined) {
    super();
    this.#report = report;
    this.#live = live && new LivePage(live);
  }

  get mayStop(): boolean {
    return this.#live !== undefined;
  }

  observe(fit: ObservedFit): void {
    this.#fit = fit;
  }

  override async onTrainBegin(): Promise<void> {
    const { model } = this;
    const [input] = model.signature.inputs;
    this.#run = {
      convforgeRun: 1,
      title: this.#report?.title ?? model.name,
      state: 'running',
      started: new Date().toISOString(),
      epochCount: this.params.epochs,
      unit: input.shape.length === 3 ? 'images' : 'samples',
      facts: this.#facts(),
      epochs: [],
      trace: { at: [], loss: [] },
    };
    this.#parts = { summary: summaryOf(model as LayersModel) };
    await this.#live?.open(this.#run.title, () => {
      model.stopTraining = true;
    });
    await this.#publish();
  }

  override onEpochBegin(): void {
    this.#traced = { samples: 0, loss: 0 };
  }

  progress(epoch: number, { samples, batches, logs }: Progress): void {
    const { steps, samples: all } = this.params;
    const share = all ? samples / all : steps ? batches / steps : 0;
    if (share === 0) return;
    const { at, loss } = this.#run.trace;
    const traced = this.#traced;
    if (share - ((at.at(-1) ?? 0) - epoch) >= 1 / POINTS_PER_EPOCH || traced.samples === 0) {
      const since = (logs.loss * samples - traced.loss * traced.samples) / (samples - traced.samples);
      at.push(epoch + share);
      loss.push(finiteOrNull(since));
      this.#traced = { samples, loss: logs.loss };
    }
    this.#live?.tell(
      () => {
        const means = formatLogs(logs).join('  ');
        return `Epoch ${epoch + 1}/${this.params.epochs}  ${Math.floor(100 * share)} %  ${means}`;
      },
      () => this.#content(),
    );
  }

  timed(timing: EpochTiming): void {
    this.#timing = timing;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const { training, validation } = this.#fit;
    const source = training ?? (validation && (await firstSource(validation)));
    const { seconds, samplesPerSecond } = this.#timing as EpochTiming;
    this.#run.epochs.push({
      epoch,
      seconds,
      samplesPerSecond,
      learningRate: this.model.optimizer.learningRate,
      logs: Object.fromEntries(Object.entries(logs).map(([key, value]) => [key, finiteOrNull(value)])),
      norms: (await this.#norms.run(() => layerNorms(this.model, source))) ?? [],
    });
    await this.#pages.run(() => this.#publish());
  }

  override async onTrainEnd(): Promise<void> {
    const { model } = this;
    const { validation } = this.#fit;
    const run = this.#run;
    const isWhole = (run.epochs.at(-1)?.epoch ?? -1) + 1 >= run.epochCount;
    run.state = isWhole ? 'finished' : 'stopped';
    const classNames = this.#report?.classNames ?? model.classNames;
    const layers = model as LayersModel;
    const image = validation && (await this.#attempt(() => firstImage(validation)));
    // The figures are drawn while the outputs are computed on other threads.
    const [outputs, figures] = await Promise.all([
      validation && this.#attempt(() => outputSections(model, validation, classNames)),
      this.#attempt(() => modelFigures(layers, image)),
    ]);
    this.#parts = { ...this.#parts, outputs, figures };
    await this.#publish();
    await this.#live?.close(isWhole ? 'The training has finished.' : 'The training was stopped.');
  }

  /** The result, or undefined if it can't be drawn: the page then says why, and the training isn't lost. */
  async #attempt<T>(draw: () => Promise<T>): Promise<T | undefined> {
    try {
      return await draw();
    } catch (error) {
      this.#run.problem = `A part of this page can't be drawn: ${messageOf(error)}`;
      return undefined;
    }
  }

  async failed(error: unknown): Promise<void> {
    if (!this.#run) return;
    const isAborted = error instanceof ConvforgeError && error.code === 'ABORTED';
    this.#run.state = isAborted ? 'stopped' : 'failed';
    if (!isAborted) this.#run.problem = messageOf(error);
    await this.#publish().catch(() => undefined);
    await this.#live?.close(isAborted ? 'The training was stopped.' : 'The training failed.');
  }

  override getState(): unknown {
    return structuredClone({ epochs: this.#run.epochs, trace: this.#run.trace });
  }

  override setState({ epochs, trace }: Pick<RunRecord, 'epochs' | 'trace'>): void {
    this.#run.epochs = epochs;
    this.#run.trace = trace;
  }

  #content(): Promise<string> {
    return runContent(this.#run, this.#parts);
  }

  /** Writes and shows the page as it is now. Rejects with IO_ERROR. */
  async #publish(): Promise<void> {
    const content = await this.#content();
    if (this.#report) await write(this.#report.path, htmlPage(this.#run.title, content));
    this.#live?.show(content);
  }

  #facts(): Record<string, string> {
    const { model, params } = this;
    const info = engineInfo();
    const given = Object.entries(this.#report?.facts ?? {}).map(([name, value]) => [name, String(value)]);
    const samples = params.samples === null ? {} : { Samples: params.samples.toLocaleString('en-US') };
    const batch = params.batchSize === null ? {} : { 'Batch size': String(params.batchSize) };
    const losses = model.compiled.outputs.flatMap((output) => (output ? [output.loss.kind] : []));
    return {
      ...Object.fromEntries(given),
      ...samples,
      ...batch,
      Epochs: String(params.epochs),
      Optimizer: describeOptimizer(model.optimizer),
      Loss: [...new Set(losses)].join(', '),
      Seed: String(this.#fit.seed),
      Engine: model.state.engine.name,
      Machine: describeMachine(info),
      Versions: `convforge ${info.version}, Node ${process.versions.node}`,
      Command: this.#report?.command ?? commandLine(),
    };
  }
}

function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/** The command of this process, without the paths of Node and of the program. */
function commandLine(): string {
  const [node, program = '', ...args] = process.argv;
  const names = [node, program].map((path) =>
    path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1),
  );
  return [...names, ...args].join(' ').trim();
}

async function firstSource(set: NonNullable<ObservedFit['validation']>): Promise<ObservedFit['training']> {
  const reader = set.open();
  try {
    const samples = await reader.next();
    samples?.dispose();
    return samples?.source;
  } finally {
    reader.close();
  }
}

function readReport(
  checks: OptionChecks,
  report: ObservationOptions['report'],
): FitReportOptions | undefined {
  if (report === undefined) return undefined;
  const options = typeof report === 'string' ? { path: report } : report;
  if (!isPlainObject(options) || typeof options.path !== 'string' || options.path === '') {
    checks.fail(
      'INVALID_ARGUMENT',
      `report is ${show(report)}; it must be a path, such as 'report.html', or {path, title, classNames, command, facts}.`,
    );
  }
  new OptionChecks(`${checks.subject}: report`).keys(options, [
    'path',
    'title',
    'classNames',
    'command',
    'facts',
  ]);
  return options as unknown as FitReportOptions;
}

function readLive(checks: OptionChecks, live: ObservationOptions['live']): LiveOptions | undefined {
  if (live === undefined || live === false) return undefined;
  if (live === true) return {};
  const own = new OptionChecks(`${checks.subject}: live`);
  own.keys(live, ['port', 'onAddress']);
  const { port = 0, onAddress } = live;
  if (own.whole('port', port, 0) > 65_535)
    own.fail('INVALID_ARGUMENT', `port is ${port}; the most is 65535.`);
  if (onAddress !== undefined && typeof onAddress !== 'function') {
    own.fail('INVALID_ARGUMENT', `onAddress is ${show(onAddress)}; it must be a function.`);
  }
  return live;
}

provideObserver(
  (checks, { report, live }) => new FitReport(readReport(checks, report), readLive(checks, live)),
);
