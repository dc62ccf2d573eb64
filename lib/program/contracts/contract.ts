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

/** The input of shape inference. Shapes leave out the batch. */
export interface ShapeQuery<Attributes, Parameter extends string = string> {
  attributes: Attributes;
  /** The shape of each input. */
  inputs: readonly Shape[];
  /** Shapes of the parameters by name; optional parameters may be missing. */
  parameters: Readonly<Partial<Record<Parameter, Shape>>>;
  /** Throws an error whose message begins with the name of the node or layer. */
  fail(code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH', message: string): never;
}

/**
 * The contract of an op. Its doc comment has the formula; the doc comment of its attributes defines each of
 * them.
 *
 * Layers infer shapes by it, and it types lowering and the reference engine. The native engine has its own
 * checks, which tests compare with it.
 */
export interface Contract<Attributes extends object, Parameter extends string = never> {
  /** How many inputs a node must have: none, exactly one, or at least two. */
  readonly inputs: 'none' | 'one' | 'several';
  /** Each attribute, and whether a node may omit it. */
  readonly attributes: { readonly [Key in KeyOf<Attributes>]: Presence<Attributes, Key> };
  /** Each parameter in order, and whether a node may omit it. */
  readonly parameters: Readonly<Record<Parameter, 'required' | 'optional'>>;
  /**
   * Infers the shape of each output. Throws SHAPE_MISMATCH if inputs, attributes and parameters don't fit
   * together. It assumes valid attribute values: engines check those of a program, layers those of their
   * options.
   */
  outputShapes(query: ShapeQuery<Attributes, Parameter>): readonly Shape[];
  /** The type of the outputs. Default: float32. */
  outputType?(attributes: Attributes): DType;
}

/** The output shapes of an op that keeps its input's shape. */
export function unchanged({ inputs }: Pick<ShapeQuery<object>, 'inputs'>): readonly Shape[] {
  return [inputs[0]];
}
