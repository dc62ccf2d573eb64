import { ConvforgeError } from '../errors.js';
import { nameTable } from '../name-table.js';
import { show } from '../options.js';
import type { Serialized } from '../serialized.js';
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

const classNamed = nameTable<InitializerClass>('initializer', {
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
});

/** An initializer, its name ('glorotUniform', 'glorot_uniform' or 'GlorotUniform'), or its class name and config. */
export type InitializerIdentifier = string | Initializer | Serialized;

/** INVALID_ARGUMENT for a name that doesn't exist (the message has the nearest that does), or for anything else. */
export function getInitializer(identifier: InitializerIdentifier): Initializer {
  if (identifier instanceof Initializer) return identifier;
  if (typeof identifier === 'string') return new (classNamed(identifier))({});
  if (identifier !== null && typeof identifier === 'object' && typeof identifier.className === 'string') {
    return new (classNamed(identifier.className))(identifier.config ?? {});
  }
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `initializer: ${show(identifier)} is none; give a name such as 'glorotUniform', or initializers.glorotUniform({seed: 1}).`,
  );
}
