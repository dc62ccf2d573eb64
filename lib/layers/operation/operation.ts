import { Zeros } from '../../initializers/zeros.js';
import type { Shape } from '../../program/description.js';
import { Layer, LAYER_SCHEMA, type LayerOptions } from '../base-layer.js';
import type { Lowering } from '../lower.js';
import { count } from '../options/kinds.js';
import { type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import { snakeCase } from '../snake-case.js';
import type { LayerNode, SymbolicTensor } from '../symbolic-tensor.js';
import type { WeightSpec } from '../weight-store.js';
import { type Argument, Call } from './call.js';
import {
  type ConstantOption,
  constantOptions,
  definitionOf,
  opName,
  plainData,
  weightNames,
} from './options.js';
import { type Constant, Plan, type Value } from './plan.js';

/** Options of {@link Operation}. */
export interface OperationOptions extends LayerOptions {
  /** The name of the function, such as 'mul'. */
  op: string;
  /** What the function takes besides tensors, such as `{ axis: [1, 2], keepDims: true }`. Default: its defaults. */
  attributes?: Readonly<Record<string, unknown>>;
  /** How many values of the model it takes. Default 1. */
  inputs?: number;
  /** The arguments that are no values of the model. Default none. */
  constants?: readonly ConstantOption[];
}

const OPERATION_SCHEMA = {
  op: required(opName),
  attributes: optional(plainData, {}),
  inputs: optional(count, 1),
  constants: optional(constantOptions, []),
};

export interface Operation extends FieldsOf<typeof OPERATION_SCHEMA> {}

/**
 * A function of tensors as a part of a model: `tf.mul(x, tf.sigmoid(x))` makes two. It computes for each sample
 * what the function of the same name computes for tensors. Axis 0 of its arguments is the batch, which no
 * operation may reduce, cut or reorder.
 *
 * Tensors among the arguments are weights, which training leaves as they are; numbers are in the config.
 */
export class Operation extends Layer {
  static override readonly className: string = 'Operation';
  static override readonly schema: SchemaOf<OperationOptions> = { ...LAYER_SCHEMA, ...OPERATION_SCHEMA };

  override readonly takesSeveral: boolean;
  /** Parts of a split may go unused. */
  override readonly mayLeaveOutputs = true;

  constructor(options: OperationOptions) {
    super(options);
    this.takesSeveral = this.inputs > 1;
  }

  /** Layers are named by the function: "mul_1". */
  override get label(): string {
    return this.op === undefined ? super.label : snakeCase(this.op);
  }

  protected override given({ outputs }: LayerNode): SymbolicTensor | SymbolicTensor[] {
    return outputs.length === 1 ? outputs[0] : [...outputs];
  }

  protected override inferShape(...inputShapes: Shape[]): Shape {
    return this.inferShapes(inputShapes)[0];
  }

  protected override inferShapes(inputShapes: readonly Shape[]): readonly Shape[] {
    return this.#plan(inputShapes).outputs.map(({ shape }) => shape);
  }

  override weightSpecs(): readonly WeightSpec[] {
    return this.#weights.map(({ name, shape, trainable }) => ({
      name,
      shape,
      initializer: new Zeros(),
      ...(!trainable && { trainable: false }),
    }));
  }

  override lower(lowering: Lowering, ...inputs: number[]): number {
    return this.lowerOutputs(lowering, inputs)[0];
  }

  override lowerOutputs(lowering: Lowering, inputs: readonly number[]): readonly number[] {
    const { plan, outputs } = this.#plan(inputs.map((input) => lowering.shapeOf(input)));
    return plan.lower(lowering, this.name, inputs, outputs);
  }

  /** The constants that are tensors. */
  get #weights(): Constant[] {
    const names = weightNames(this.constants);
    const tensors = this.constants.flatMap((constant) => ('value' in constant ? [] : [constant]));
    return tensors.map(({ shape, trainable = false }, index) => ({
      kind: 'constant',
      shape,
      index,
      name: names[index],
      trainable,
    }));
  }

  #plan(shapes: readonly Shape[]): { plan: Plan; outputs: readonly Value[] } {
    const plan = new Plan(this.checks, shapes);
    const weights = this.#weights;
    const call = new Call(plan, this.#arguments(plan, weights), this.attributes);
    const { arguments: taken, attributes, build } = definitionOf(this.op);
    call.checkAttributes(attributes);
    if (call.arguments.length < (taken === 'any' ? 1 : taken))
      this.checks.fail(
        'INVALID_ARGUMENT',
        `${this.op} takes ${taken} arguments, not ${call.arguments.length}.`,
      );
    const built = build(call);
    plan.checkConstants(weights.length);
    return { plan, outputs: 'kind' in built ? [built] : built };
  }

  /** Values and constants in the order of their positions. */
  #arguments(plan: Plan, weights: readonly Constant[]): Argument[] {
    const args: Argument[] = [...plan.inputs];
    const tensors = weights.values();
    for (const constant of this.constants) {
      if (constant.position > args.length)
        this.checks.fail(
          'INVALID_ARGUMENT',
          `there are no ${constant.position} arguments before a constant.`,
        );
      const given = 'value' in constant ? constant.value : (tensors.next().value as Constant);
      args.splice(constant.position, 0, given);
    }
    return args;
  }
}
