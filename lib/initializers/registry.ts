import { type PartClass, partReader } from '../name-table.js';
import type { Serialized } from '../serialized.js';
import type { Spelled } from '../spelling.js';
import { Initializer } from './base-initializer.js';
import { Constant } from './constant.js';
import { GlorotNormal } from './glorot-normal.js';
import { GlorotUniform } from './glorot-uniform.js';
import { HeNormal } from './he-normal.js';
import { HeUniform } from './he-uniform.js';
import { Identity } from './identity.js';
import { LeCunNormal } from './lecun-normal.js';
import { LeCunUniform } from './lecun-uniform.js';
import { Ones } from './ones.js';
import { Orthogonal } from './orthogonal.js';
import { RandomNormal } from './random-normal.js';
import { RandomUniform } from './random-uniform.js';
import { TruncatedNormal } from './truncated-normal.js';
import { VarianceScaling } from './variance-scaling.js';
import { Zeros } from './zeros.js';

const CLASSES = {
  zeros: Zeros,
  ones: Ones,
  constant: Constant,
  randomUniform: RandomUniform,
  randomNormal: RandomNormal,
  truncatedNormal: TruncatedNormal,
  varianceScaling: VarianceScaling,
  glorotUniform: GlorotUniform,
  glorotNormal: GlorotNormal,
  heUniform: HeUniform,
  heNormal: HeNormal,
  leCunUniform: LeCunUniform,
  leCunNormal: LeCunNormal,
  orthogonal: Orthogonal,
  identity: Identity,
} as const satisfies Record<string, PartClass<Initializer>>;

const read = partReader<Initializer>(
  'initializer',
  Initializer,
  CLASSES,
  "give a name such as 'glorotUniform', or initializers.glorotUniform({seed: 1}).",
);

/** The name of an initializer. */
export type InitializerName = keyof typeof CLASSES;

/** An initializer, its name ('glorotUniform' or 'glorot_uniform'), or its class name and config. */
export type InitializerIdentifier =
  | Spelled<InitializerName | 'lecunNormal' | 'lecunUniform'>
  | Initializer
  | Serialized;

/**
 * Throws INVALID_ARGUMENT for an unknown name (the message has the nearest known one), or for any other
 * value.
 */
export function getInitializer(identifier: InitializerIdentifier): Initializer {
  return read(identifier);
}
