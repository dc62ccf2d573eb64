import type { DType } from '../dtype.js';
import type { Shape } from '../../tensor/shapes.js';

/** The value of an attribute: plain JSON. */
export type Attribute = number | boolean | string | readonly number[];

type KeyOf<Attributes> = Attributes extends unknown ? keyof Attributes : never;

type Presence<Attributes, Key extends PropertyKey> = Key extends keyof Attributes
  ? Record<never, never> extends Pick<Attributes, Key>
    ? 'optional'
    : 'required'
  : 'optional';

/** What the outputs' shapes follow from. All shapes leave the batch out. */
export interface ShapeQuery<Attributes, Parameter extends string = string> {
  attributes: Attributes;
  /** One for each input. */
  inputs: readonly Shape[];
  /** Shapes of the parameters by name; optional parameters may be missing. */
  parameters: Readonly<Partial<Record<Parameter, Shape>>>;
  /** Throws an error whose message begins with the name of the node or layer. */
  fail(code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH', message: string): never;
}

/**
 * What an op means to everyone who deals with it. The doc comment of a contract has the formula, that of its attributes
 * the meaning of each. Layers infer shapes by a contract, lowering and the reference engine are typed by it. The
 * native engine has checks of its own, which tests compare with it.
 */
export interface Contract<Attributes extends object, Parameter extends string = never> {
  /** How many inputs a node has: none, one, or two and more. */
  readonly inputs: 'none' | 'one' | 'several';
  /** The name of each attribute, and whether a node may leave it out. */
  readonly attributes: { readonly [Key in KeyOf<Attributes>]: Presence<Attributes, Key> };
  /** The name of each parameter in its order, and whether a node may leave it out. */
  readonly parameters: Readonly<Record<Parameter, 'required' | 'optional'>>;
  /**
   * The shape of each output. Throws SHAPE_MISMATCH where inputs, attributes and parameters don't fit together. It
   * takes the attributes' values for valid: engines check those of a program, layers those of their options.
   */
  outputShapes(query: ShapeQuery<Attributes, Parameter>): readonly Shape[];
  /** The type of the outputs. Default: float32. */
  outputType?(attributes: Attributes): DType;
}

/** The output of an op that changes values, and no shape. */
export function unchanged({ inputs }: Pick<ShapeQuery<object>, 'inputs'>): readonly Shape[] {
  return [inputs[0]];
}
