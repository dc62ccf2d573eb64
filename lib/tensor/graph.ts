import type { SampleShape } from './shapes.js';

/*
 * Functions of tensors also take values of models. They then compute nothing, but make a value of the model that
 * the model computes. Values of models are in a room above, so a function asks them to do so by a method.
 */

/** The key of that method. */
export const OPERATE: unique symbol = Symbol('operate');

/** What a function takes besides tensors, by name. Undefined stands for its default. */
export type GraphAttributes = Readonly<Record<string, unknown>>;

/** A value of a model as functions of tensors see it. */
export interface Operable {
  /** Applies the function of this name to arguments, one of which is this value. Returns its outputs. */
  [OPERATE](op: string, args: readonly unknown[], attributes: GraphAttributes): readonly unknown[];
}

/** The types of values of models. `SymbolicTensor` declares itself here. */
export interface GraphTypes<S extends SampleShape> {
  /** The shape of a sample. */
  readonly shape: S;
}

/** A value of a model, a `SymbolicTensor`, of which functions of tensors make others. */
export type GraphValue<S extends SampleShape = SampleShape> = GraphTypes<S>['value'];

/** Whether it is a value of a model. */
export function isGraphValue(value: unknown): value is GraphValue {
  return typeof value === 'object' && value !== null && OPERATE in value;
}

/** The function's outputs in a model, or undefined if no argument is a value of a model. */
export function outputsInGraph(
  op: string,
  args: readonly unknown[],
  attributes: GraphAttributes = {},
): readonly GraphValue[] | undefined {
  const value = args.find(isGraphValue) as Operable | undefined;
  return value?.[OPERATE](op, args, attributes) as readonly GraphValue[] | undefined;
}

/** The function's only output in a model, or undefined if no argument is a value of a model. */
export function inGraph(
  op: string,
  args: readonly unknown[],
  attributes?: GraphAttributes,
): GraphValue | undefined {
  return outputsInGraph(op, args, attributes)?.[0];
}
