import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import { Initializer } from './base-initializer.js';
import { Constant } from './constant.js';
import { GlorotNormal } from './glorot-normal.js';
import { GlorotUniform } from './glorot-uniform.js';
import { HeNormal } from './he-normal.js';
import { HeUniform } from './he-uniform.js';
import { LeCunNormal } from './lecun-normal.js';
import { LeCunUniform } from './lecun-uniform.js';
import { Ones } from './ones.js';
import { RandomNormal } from './random-normal.js';
import { RandomUniform } from './random-uniform.js';
import { TruncatedNormal } from './truncated-normal.js';
import { VarianceScaling } from './variance-scaling.js';
import { Zeros } from './zeros.js';

type InitializerClass = new (config: Record<string, unknown>) => Initializer;

/** By the name that users write. */
const CLASSES: Readonly<Record<string, InitializerClass>> = {
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
};

export interface InitializerDescription {
  className: string;
  config?: Record<string, unknown>;
}

/** An initializer, its name ('glorotUniform', 'glorot_uniform' or 'GlorotUniform'), or its class name and config. */
export type InitializerIdentifier = string | Initializer | InitializerDescription;

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

function classNamed(name: string): InitializerClass {
  const plain = plainName(name);
  const found = Object.keys(CLASSES).find((key) => plainName(key) === plain);
  if (found === undefined) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `initializer: ${unknownName('initializer', name, Object.keys(CLASSES))}`,
    );
  }
  return CLASSES[found];
}

/** What the three spellings of a name have in common. */
function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
