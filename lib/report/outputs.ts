import type { Model } from '../network/model.js';
import type { LossDescription, Shape } from '../program/description.js';
import { sampleShapes } from '../program/samples.js';
import type { LabelledSource } from '../training/labelled-data.js';
import type { ValidationSet } from '../training/validation-set.js';
import { ClassStudy, type StudiedPart } from './class-study.js';
import { drawClassStudy, drawLabelStudy } from './class-section.js';
import { section } from './figure.js';
import { LabelStudy } from './label-study.js';
import { isPictureShape, type Picture } from './picture.js';
import { predictions, type PredictedPart } from './predictions.js';
import { ValueStudy } from './value-study.js';
import { drawValueStudy } from './value-section.js';

/** What is found out about an output. */
type Study = ClassStudy | LabelStudy | ValueStudy;

/** An output that has a loss. */
interface StudiedOutput {
  name: string;
  /** Index among all outputs, and among those with a loss. */
  output: number;
  target: number;
  study: Study;
}

/** The most classes whose confusion is counted. */
const MOST_CLASSES = 1000;

/** Losses whose outputs are probabilities or scores of classes. */
const CLASS_LOSSES: readonly LossDescription['kind'][] = [
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'categoricalFocalCrossentropy',
  'categoricalHinge',
];
const BINARY_LOSSES: readonly LossDescription['kind'][] = [
  'binaryCrossentropy',
  'binaryFocalCrossentropy',
  'hinge',
  'squaredHinge',
];

/**
 * What the model predicts for the validation samples, a section for each output with a loss: a confusion matrix
 * and mistakes for classes, else errors.
 */
export async function outputSections(
  model: Model,
  set: ValidationSet,
  classNames: readonly string[],
): Promise<string> {
  let studied: StudiedOutput[] | undefined;
  for await (const part of predictions(model, set)) {
    studied ??= studies(model, part);
    for (const each of studied) each.study.add(partOf(part, each));
  }
  const isSingle = studied?.length === 1;
  const drawn = (studied ?? []).map(async ({ name, study }) => {
    const html = await drawStudy(study, classNames);
    return section(isSingle ? 'Validation' : `Validation: ${name}`, html);
  });
  return (await Promise.all(drawn)).join('\n');
}

function studies(model: Model, { source }: PredictedPart): StudiedOutput[] {
  const ports = model.outputsFor(sampleShapes(source.x));
  const trained = model.compiled.outputs.flatMap((compiled, output) =>
    compiled ? [{ compiled, output }] : [],
  );
  return trained.map(({ compiled: { loss, name }, output }, target) => {
    return { name, output, target, study: studyFor(loss, ports[output].shape, source.y[target]) };
  });
}

function drawStudy(study: Study, classNames: readonly string[]): Promise<string> | string {
  if (study instanceof ClassStudy) return drawClassStudy(study, classNames);
  if (study instanceof LabelStudy) return drawLabelStudy(study, classNames);
  return drawValueStudy(study);
}

function studyFor(loss: LossDescription, shape: Shape, targets: LabelledSource['y'][number]): Study {
  const width = shape[shape.length - 1];
  const isOfClasses = CLASS_LOSSES.includes(loss.kind) && width >= 2 && width <= MOST_CLASSES;
  if (isOfClasses) return new ClassStudy(loss, shape);
  // Targets between are shades or probabilities to reproduce, as in an autoencoder.
  if (!BINARY_LOSSES.includes(loss.kind) || !areBinary(targets)) return new ValueStudy(shape);
  if (width === 1) return new ClassStudy(loss, shape);
  return shape.length === 1 ? new LabelStudy(loss, shape) : new ValueStudy(shape);
}

function areBinary(targets: LabelledSource['y'][number]): boolean {
  return targets.read(0, targets.size).every((value: number) => value === 0 || value === 1 || value === -1);
}

function partOf({ first, source, outputs }: PredictedPart, { output, target }: StudiedOutput): StudiedPart {
  const { count } = source;
  const targets = source.y[target];
  const image = source.x.find(({ shape }) => isPictureShape(shape.slice(1)));
  const picture = (sample: number): Picture | undefined => {
    if (!image) return undefined;
    const size = image.size / count;
    return { shape: image.shape.slice(1), values: image.read(sample * size, (sample + 1) * size).slice() };
  };
  return { first, count, outputs: outputs[output], targets: targets.read(0, targets.size), picture };
}
