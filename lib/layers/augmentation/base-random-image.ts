import type { OptionChecks } from '../../options.js';
import { show } from '../../options.js';
import { checkImage } from '../../program/contracts/window.js';
import type { Shape } from '../../program/description.js';
import { RANDOM_LAYER_SCHEMA, RandomLayer, type RandomLayerOptions } from '../base-random-layer.js';
import { dataFormat } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, type Schema, type SchemaOf } from '../options/schema.js';

export interface RandomImageOptions extends RandomLayerOptions {
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const FORMAT_SCHEMA = { dataFormat: optional(dataFormat, 'channelsLast') };

export const RANDOM_IMAGE_SCHEMA: SchemaOf<RandomImageOptions> = {
  ...RANDOM_LAYER_SCHEMA,
  ...FORMAT_SCHEMA,
};

export interface RandomImageLayer extends FieldsOf<typeof FORMAT_SCHEMA> {}

/** Changes images [height, width, channels] in training, each image by its own random draw. */
export abstract class RandomImageLayer extends RandomLayer {
  static override readonly schema: Schema = RANDOM_IMAGE_SCHEMA;

  protected override inferShape(inputShape: Shape): Shape {
    checkImage(this.checks, inputShape);
    return inputShape;
  }
}

/**
 * A range from which a factor is drawn: [low, high], or one number f for [-f, f]. Limits are from -1 to 1.
 */
export type Factor = number | readonly [number, number];

/** Kept as [low, high]. */
export const factor: Kind<Factor, readonly [number, number]> = {
  read: readFactor,
  write: (range) => [...range],
};

/** Reads a factor as [low, high]. */
function readFactor(checks: OptionChecks, name: string, value: unknown): [number, number] {
  const limits: unknown[] = Array.isArray(value) ? value : [value, value];
  if (limits.length !== 2) {
    checks.fail('INVALID_ARGUMENT', `${name} is ${show(value)}; give a number or [low, high].`);
  }
  const [a, b] = limits.map((limit) =>
    checks.number(name, limit, (each) => Math.abs(each) <= 1, 'a number from -1 to 1, or two of them'),
  );
  return Array.isArray(value) ? [Math.min(a, b), Math.max(a, b)] : [0 - Math.abs(a), Math.abs(a)];
}
