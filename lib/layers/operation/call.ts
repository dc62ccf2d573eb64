import { type OptionChecks, show, unknownName } from '../../options.js';
import type { AttributesOf, OpName, Shape } from '../../program/description.js';
import { readAxes, readAxis, showShape } from '../../tensor/shapes.js';
import type { ConvforgeError } from '../../errors.js';
import type { Constant, Plan, PlanParameters, Value } from './plan.js';
import { BATCH, showFull, type Size, SizeReader, withBatch } from './sizes.js';

/** What an operation takes: a value of the model, a constant tensor or a number. */
export type Argument = Value | Constant | number;

/** An operation as it is called: with arguments of known shapes, and attributes. */
export class Call {
  readonly plan: Plan;
  readonly checks: OptionChecks;
  /** Values and constants in their order. Those that an operation doesn't take serve for their sizes. */
  readonly arguments: readonly Argument[];
  readonly #attributes: Readonly<Record<string, unknown>>;
  readonly #sizes: SizeReader;

  constructor(plan: Plan, args: readonly Argument[], attributes: Readonly<Record<string, unknown>>) {
    this.plan = plan;
    this.checks = plan.checks;
    this.arguments = args;
    this.#attributes = attributes;
    const shapes = args.map((each) => (typeof each === 'number' ? [] : fullShape(each)));
    this.#sizes = new SizeReader(this.checks, shapes);
  }

  /** Adds a node to the plan. */
  add<Op extends OpName>(
    op: Op,
    inputs: readonly Value[],
    attributes: AttributesOf<Op>,
    parameters?: PlanParameters,
  ): Value {
    return this.plan.add(op, inputs, attributes, parameters);
  }

  /** The argument at this position, which must be a value of the model. */
  value(position = 0): Value {
    const given = this.arguments[position];
    if (typeof given === 'object' && given.kind === 'value') return given;
    const what = given === undefined ? 'missing' : typeof given === 'number' ? show(given) : 'a tensor';
    return this.checks.fail(
      'UNSUPPORTED',
      `argument ${position + 1} is ${what}; it must be a value of the model.`,
    );
  }

  /** The argument at this position, which must be a constant tensor. */
  constant(position: number): Constant {
    const given = this.arguments[position];
    if (typeof given === 'object' && given.kind === 'constant') return given;
    return this.checks.fail('UNSUPPORTED', `argument ${position + 1} must be a constant tensor.`);
  }

  /**
   * The shape of a constant without the batch, with as many axes as a sample of `x`, to which it must broadcast.
   */
  broadcastable({ shape }: Constant, x: Value): Shape {
    const padded = [...new Array<number>(Math.max(0, x.shape.length + 1 - shape.length)).fill(1), ...shape];
    const [batch, ...sample] = padded;
    const fits = padded.length === x.shape.length + 1 && batch === 1;
    if (fits && sample.every((size, axis) => size === 1 || size === x.shape[axis])) return sample;
    return this.checks.fail(
      'SHAPE_MISMATCH',
      `a tensor of ${showShape(shape)} doesn't broadcast to ${showFull(withBatch(x.shape))}.`,
    );
  }

  /** The shape of a constant that meets a value: its own without a 1 for the batch. */
  operandShape({ shape }: Constant, x: Value): Shape {
    if (shape.length <= x.shape.length) return shape;
    if (shape.length === x.shape.length + 1 && shape[0] === 1) return shape.slice(1);
    return this.checks.fail(
      'UNSUPPORTED',
      `a tensor of ${showShape(shape)} has numbers for each sample of ${showFull(withBatch(x.shape))}; it must be the same for all.`,
    );
  }

  /** Throws UNSUPPORTED unless values have as many axes, since else one's batch would meet another axis. */
  checkRanks([first, ...others]: readonly Value[]): void {
    const other = others.find(({ shape }) => shape.length !== first.shape.length);
    if (!other) return;
    const shown = [first, other].map(({ shape }) => showFull(withBatch(shape))).join(' and ');
    this.checks.fail(
      'UNSUPPORTED',
      `its values are ${shown}. Axes are aligned at the last one, so that a batch would meet another axis; give them the same number of axes, by expandDims or reshape.`,
    );
  }

  /**
   * The arguments at these positions as values of one rank. A constant is the same for each sample. A number has
   * size 1 along each axis.
   */
  asValues(positions: readonly number[]): Value[] {
    const like = this.anyValue;
    const values = positions.map((position): Value => {
      const given = this.arguments[position];
      if (typeof given === 'number') return this.#filled(like, given);
      if (given === undefined || given.kind === 'value') return this.value(position);
      const value = this.repeated(given);
      return this.reshape(value, [
        ...new Array<number>(like.shape.length - value.shape.length).fill(1),
        ...value.shape,
      ]);
    });
    this.checkRanks(values);
    return values;
  }

  /** A constant as a value that each sample has. */
  repeated(constant: Constant): Value {
    const like = this.anyValue;
    const shape = this.operandShape(constant, like);
    // The op needs an axis.
    const value = this.add('constant', [like], {}, { value: { constant, shape: [1, ...shape] } });
    return this.reshape(value, shape);
  }

  /** One of the values among the arguments. */
  get anyValue(): Value {
    const found = this.arguments.find((each) => typeof each === 'object' && each.kind === 'value');
    return (found as Value | undefined) ?? this.value();
  }

  /** A value that is this number, with as many axes as another, from one of whose elements it is made. */
  #filled(like: Value, number: number): Value {
    const ones = like.shape.map(() => 1);
    const starts = like.shape.map(() => 0);
    const one = this.add('slice', [like], { starts, sizes: ones, steps: ones });
    // 0, also where that element is no finite number.
    const zero = this.add('operand', [one], { kind: 'logicalAnd', value: 0 });
    return this.add('operand', [zero], { kind: 'add', value: number });
  }

  /** Adds the operation's name to errors of functions that tensors have, too. */
  errorsNaming<T>(compute: () => T): T {
    try {
      return compute();
    } catch (error) {
      const { code, message } = error as ConvforgeError;
      return this.checks.fail(code, message);
    }
  }

  /** The attribute as it is given; undefined if it isn't. */
  given(name: string): unknown {
    return this.#attributes[name] ?? undefined;
  }

  /** Throws UNKNOWN_OPTION for attributes that the operation doesn't have. */
  checkAttributes(known: readonly string[]): void {
    const other = Object.keys(this.#attributes).find((name) => !known.includes(name));
    if (other !== undefined) this.checks.fail('UNKNOWN_OPTION', unknownName('attribute', other, known));
  }

  flag(name: string, fallback = false): boolean {
    return this.checks.boolean(name, this.given(name) ?? fallback);
  }

  number(name: string, fallback?: number): number {
    return this.checks.number(name, this.given(name) ?? fallback, () => true, 'a finite number');
  }

  /** One of these words. */
  word<const Word extends string>(name: string, words: readonly Word[], fallback?: Word): Word {
    const value = this.given(name) ?? fallback;
    this.checks.oneOf(name, value, words);
    return value as Word;
  }

  /** A size, which isn't the batch's. */
  size(name: string, fallback?: number): number {
    return this.known(name, this.#sizes.read(name, this.given(name) ?? fallback));
  }

  /** A list of sizes, which may be of the batch. One size counts as a list of one. */
  sizes(name: string, value = this.given(name)): Size[] {
    const list = Array.isArray(value) ? value : [value];
    return list.map((each, i) => this.#sizes.read(`${name}[${i}]`, each));
  }

  /** Throws UNSUPPORTED for the size of the batch. */
  known(name: string, size: Size): number {
    if (size !== BATCH) return size;
    return this.checks.fail('UNSUPPORTED', `${name} is the size of the batch, which may only be the first.`);
  }

  /** An axis of a value of this rank, the batch included, which is axis 0; a negative one counts from the end. */
  axis(name: string, rank: number, fallback?: number): number {
    return this.axisOf(name, this.given(name) ?? fallback, rank);
  }

  axisOf(name: string, value: unknown, rank: number): number {
    return this.errorsNaming(() => readAxis(value, rank, name));
  }

  /** An axis of a sample of this value, counted without the batch. Throws UNSUPPORTED for the batch. */
  sampleAxis(name: string, { shape }: Value, fallback?: number): number {
    return this.pastBatch(name, this.axis(name, shape.length + 1, fallback));
  }

  /** The axis without the batch. Throws UNSUPPORTED for the batch itself. */
  pastBatch(name: string, axis: number): number {
    if (axis > 0) return axis - 1;
    return this.checks.fail(
      'UNSUPPORTED',
      `${name} names axis 0, the batch; in a model an operation takes each sample by itself.`,
    );
  }

  /** Axes of a sample, counted without the batch, in ascending order. One number counts as a list of one. */
  sampleAxes(name: string, { shape }: Value): number[] {
    const axes = this.errorsNaming(() => readAxes(this.given(name) as number, shape.length + 1, name));
    return axes.map((axis) => this.pastBatch(name, axis));
  }

  /** Reshapes each sample, unless it has this shape. */
  reshape(value: Value, shape: Shape): Value {
    const isSame = shape.length === value.shape.length && shape.every((size, i) => size === value.shape[i]);
    return isSame ? value : this.add('reshape', [value], { shape });
  }
}

/** The shape of an argument, with the batch in front for a value. */
export function fullShape(argument: Value | Constant): readonly Size[] {
  return argument.kind === 'value' ? withBatch(argument.shape) : argument.shape;
}

/** What an op does with a call. */
export interface OpDefinition {
  /** How many arguments it takes, of which more may follow for their sizes alone. 'any' for one or more. */
  readonly arguments: number | 'any';
  /** The names of its attributes. */
  readonly attributes: readonly string[];
  /** Attributes that a constant tensor becomes, by its position: its numbers, and its shape under `...Shape`. */
  readonly constants?: Readonly<Record<number, string>>;
  /** Adds the nodes, and returns the output or the list of outputs. */
  build(call: Call): Value | readonly Value[];
}
