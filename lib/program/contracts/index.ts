import type { DType } from '../dtype.js';
import type { Shape } from '../../tensor/shapes.js';
import type { Contract, ShapeQuery } from './contract.js';
import * as contracts from './list.js';

export type { Attribute, ShapeQuery } from './contract.js';
export type { ActivationAttributes } from './activation.js';
export type { RandomSource } from './random-source.js';

type Contracts = typeof contracts;

/** The name of an op. */
export type OpName = keyof Contracts;

/** The attributes of a node of an op. */
export type AttributesOf<Op extends OpName> =
  Contracts[Op] extends Contract<infer Attributes, infer _Parameter> ? Attributes : never;

/** A contract, whatever its op. */
export interface AnyContract {
  readonly inputs: 'none' | 'one' | 'several';
  readonly attributes: Readonly<Record<string, 'required' | 'optional'>>;
  readonly parameters: Readonly<Record<string, 'required' | 'optional'>>;
  outputShapes(query: ShapeQuery<unknown>): readonly Shape[];
  outputType?(attributes: unknown): DType;
}

/** All contracts by the names of their ops. */
export const CONTRACTS: ReadonlyMap<string, AnyContract> = new Map(
  Object.entries(contracts as unknown as Record<string, AnyContract>),
);

/** Infers the shapes of an op's outputs. Throws what the op's contract throws. */
export function outputShapes<Op extends OpName>(
  op: Op,
  query: ShapeQuery<AttributesOf<Op>>,
): readonly Shape[] {
  return (CONTRACTS.get(op) as AnyContract).outputShapes(query);
}

/** Infers shapes and types of an op's outputs. Throws what the op's contract throws. */
export function outputsOf(
  { outputShapes, outputType = () => 'float32' }: AnyContract,
  query: ShapeQuery<unknown>,
): { shape: Shape; dtype: DType }[] {
  const dtype = outputType(query.attributes);
  return outputShapes(query).map((shape) => ({ shape, dtype }));
}
