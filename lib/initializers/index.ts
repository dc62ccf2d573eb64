import type { NormalOptions } from './base-normal.js';
import type { SeedOptions } from './base-random-initializer.js';
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
export { getInitializer, type InitializerDescription, type InitializerIdentifier } from './registry.js';
export type {
  ConstantOptions,
  IdentityOptions,
  NormalOptions,
  OrthogonalOptions,
  RandomUniformOptions,
  SeedOptions,
  VarianceScalingOptions,
};

export const zeros = (): Zeros => new Zeros();
export const ones = (): Ones => new Ones();
export const constant = (options?: ConstantOptions): Constant => new Constant(options);
export const randomUniform = (options?: RandomUniformOptions): RandomUniform => new RandomUniform(options);
export const randomNormal = (options?: NormalOptions): RandomNormal => new RandomNormal(options);
export const truncatedNormal = (options?: NormalOptions): TruncatedNormal => new TruncatedNormal(options);
export const varianceScaling = (options?: VarianceScalingOptions): VarianceScaling =>
  new VarianceScaling(options);
export const glorotUniform = (options?: SeedOptions): GlorotUniform => new GlorotUniform(options);
export const glorotNormal = (options?: SeedOptions): GlorotNormal => new GlorotNormal(options);
export const heUniform = (options?: SeedOptions): HeUniform => new HeUniform(options);
export const heNormal = (options?: SeedOptions): HeNormal => new HeNormal(options);
export const leCunUniform = (options?: SeedOptions): LeCunUniform => new LeCunUniform(options);
export const leCunNormal = (options?: SeedOptions): LeCunNormal => new LeCunNormal(options);
export const orthogonal = (options?: OrthogonalOptions): Orthogonal => new Orthogonal(options);
export const identity = (options?: IdentityOptions): Identity => new Identity(options);
