import type { SampleShape } from '../layers/shapes.js';
import type { GivenInputShape } from './options.js';
import type { LayerRules, MergeRules, RuleName } from './rules.js';
import type { Misfit, ShapesDiffer, ShowShape } from './shapes.js';

declare const RULE: unique symbol;

interface Rule<Name, O> {
  readonly name: Name;
  readonly options: O;
}

/**
 * A layer `L` that knows how its output's shape follows from its input's: by the row `Name` of LayerRules or MergeRules, and by the
 * options `O` it was made with. What is said stands in the type alone.
 */
export type Shaped<L, Name extends RuleName, O> = L & {
  /** Never there: what the type remembers. */
  readonly [RULE]?: Rule<Name, O>;
};

/** The layer's rule; never for a layer without, and where it may be one of several layers. */
type RuleOf<L> = [L] extends [{ readonly [RULE]?: infer R }]
  ? Only<Extract<R, Rule<RuleName, unknown>>>
  : never;

type Only<T, All = T> = T extends unknown ? ([All] extends [T] ? T : never) : never;

/** What layer `L` gives for inputs of these shapes: a shape, a misfit, or just SampleShape where it isn't known. */
export type OutputOf<L, Inputs extends readonly SampleShape[]> = [RuleOf<L>] extends [never]
  ? SampleShape
  : RuleOf<L> extends Rule<infer Name, infer O>
    ? Name extends keyof MergeRules<unknown, []>
      ? MergeRules<O, Inputs>[Name]
      : Name extends keyof LayerRules<unknown, SampleShape>
        ? Inputs extends readonly [infer Input extends SampleShape]
          ? OutputAfter<Name, O, GivenInputShape<Name, O>, Input>
          : number extends Inputs['length']
            ? SampleShape
            : Misfit<`${Name}: apply takes one value; ${Inputs['length']} were given`>
        : SampleShape
    : SampleShape;

/** An inputShape that is given must be that of what comes in. */
type OutputAfter<
  Name extends keyof LayerRules<unknown, SampleShape>,
  O,
  Expected,
  Input extends SampleShape,
> = Expected extends SampleShape
  ? ShapesDiffer<Expected, Input> extends true
    ? Misfit<`${Name}: inputShape is ${ShowShape<Expected>}, but the layer before gives ${ShowShape<Input>}; leave inputShape out`>
    : LayerRules<O, Input>[Name]
  : LayerRules<O, Input>[Name];

/** What the first layer of a model takes, by its options. */
export type InputOf<L> = [RuleOf<L>] extends [never]
  ? SampleShape
  : RuleOf<L> extends Rule<infer Name, infer O>
    ? GivenInputShape<Name, O> extends infer Found
      ? Found extends SampleShape
        ? Found
        : Misfit<`${Name & string}: the first layer of a model needs inputShape, the shape of one sample, such as [28, 28, 1]`>
      : never
    : SampleShape;
