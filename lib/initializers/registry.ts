import { ConvforgeError } from '../errors.js';
import { nameTable } from '../name-table.js';
import { show } from '../options.js';
import { givenOptions, type Serialized } from '../serialized.js';
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

type InitializerClass = new (config: Record<string, unknown>) => Initializer;

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
} as const satisfies Record<string, InitializerClass>;

const classNamed = nameTable<InitializerClass>('initializer', CLASSES);

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
  if (identifier instanceof Initializer) return identifier;
  if (typeof identifier === 'string') return new (classNamed(identifier))({});
  if (identifier !== null && typeof identifier === 'object' && typeof identifier.className === 'string') {
    return new (classNamed(identifier.className))(givenOptions(identifier));
  }
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `initializer: ${show(identifier)} is none; give a name such as 'glorotUniform', or initializers.glorotUniform({seed: 1}).`,
  );
}
