import type { NormalOptions } from './base-normal.js';
import type { SeedOptions } from './base-seeded-initializer.js';
import { Constant, type ConstantOptions } from './constant.js';
import { GlorotNormal } from './glorot-normal.js';
import { GlorotUniform } from './glorot-uniform.js';
import { HeNormal } from './he-normal.js';
import { HeUniform } from './he-uniform.js';
import { Identity, type IdentityOptions } from './identity.js';
import { LeCunNormal } from './lecun-normal.js';
import { LeCunUniform } from './lecun-uniform.js';
import { Ones } from './ones.js';
import { Orthogonal, type OrthogonalOptions } from './orthogonal.js';
import { RandomNormal } from './random-normal.js';
import { RandomUniform, type RandomUniformOptions } from './random-uniform.js';
import { TruncatedNormal } from './truncated-normal.js';
import { VarianceScaling, type VarianceScalingOptions } from './variance-scaling.js';
import { Zeros } from './zeros.js';

export { Initializer } from './base-initializer.js';
export { getInitializer, type InitializerIdentifier, type InitializerName } from './registry.js';
export type { RandomGenerator } from '../random/index.js';
export {
  Constant,
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  Identity,
  LeCunNormal,
  LeCunUniform,
  Ones,
  Orthogonal,
  RandomNormal,
  RandomUniform,
  TruncatedNormal,
  VarianceScaling,
  Zeros,
};
export type {
  ConstantOptions,
  IdentityOptions,
  NormalOptions,
  OrthogonalOptions,
  RandomUniformOptions,
  SeedOptions,
  VarianceScalingOptions,
};

/** See {@link Zeros}. */
export const zeros = (): Zeros => new Zeros();
/** See {@link Ones}. */
export const ones = (): Ones => new Ones();
/** See {@link Constant}. */
export const constant = (options?: ConstantOptions): Constant => new Constant(options);
/** See {@link RandomUniform}. */
export const randomUniform = (options?: RandomUniformOptions): RandomUniform => new RandomUniform(options);
/** See {@link RandomNormal}. */
export const randomNormal = (options?: NormalOptions): RandomNormal => new RandomNormal(options);
/** See {@link TruncatedNormal}. */
export const truncatedNormal = (options?: NormalOptions): TruncatedNormal => new TruncatedNormal(options);
/** See {@link VarianceScaling}. */
export const varianceScaling = (options?: VarianceScalingOptions): VarianceScaling =>
  new VarianceScaling(options);
/** See {@link GlorotUniform}. */
export const glorotUniform = (options?: SeedOptions): GlorotUniform => new GlorotUniform(options);
/** See {@link GlorotNormal}. */
export const glorotNormal = (options?: SeedOptions): GlorotNormal => new GlorotNormal(options);
/** See {@link HeUniform}. */
export const heUniform = (options?: SeedOptions): HeUniform => new HeUniform(options);
/** See {@link HeNormal}. */
export const heNormal = (options?: SeedOptions): HeNormal => new HeNormal(options);
/** See {@link LeCunUniform}. */
export const leCunUniform = (options?: SeedOptions): LeCunUniform => new LeCunUniform(options);
/** See {@link LeCunNormal}. */
export const leCunNormal = (options?: SeedOptions): LeCunNormal => new LeCunNormal(options);
/** See {@link Orthogonal}. */
export const orthogonal = (options?: OrthogonalOptions): Orthogonal => new Orthogonal(options);
/** See {@link Identity}. */
export const identity = (options?: IdentityOptions): Identity => new Identity(options);
