import type {
  ActivationAttributes,
  CeluActivation,
  EluActivation,
  GeluActivation,
  HardSigmoidActivation,
  PlainActivation,
  ReluActivation,
  SoftmaxActivation,
} from '../../contracts/activation.js';
import type { NodeDescription } from '../../description.js';
import { checkAttributes, checkFlag, fail, finiteNumber } from '../checks.js';
import { erf } from '../error-function.js';

/** An elementwise activation with its attributes filled in. */
export interface Elementwise {
  f(x: number): number;
  derivative(x: number): number;
}

type Node = NodeDescription<'activation'>;

/** The attributes of elementwise activations. */
export type ElementwiseAttributes = Exclude<ActivationAttributes, SoftmaxActivation>;

interface Kind<Attributes extends ElementwiseAttributes> {
  /** The attributes that it may have in addition to `kind`. */
  attributes: readonly Exclude<keyof Attributes, 'kind'>[];
  /** Throws unless the attributes have values that the contract allows. */
  check?(node: Node): void;
  make(attributes: Attributes): Elementwise;
}

/** Throws INVALID_ARGUMENT unless the attribute is missing or a number from 0 up. */
function checkFromZero(node: Node, name: string): void {
  if (!(name in node.attributes)) return;
  const value = finiteNumber(node, name);
  if (value < 0) fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be a number from 0 up.`);
}

/** Throws INVALID_ARGUMENT unless the attribute is missing or a number above 0. */
function checkPositive(node: Node, name: string): void {
  checkFromZero(node, name);
  if (name in node.attributes && finiteNumber(node, name) === 0)
    fail(node, 'INVALID_ARGUMENT', `${name} is 0; it must be a positive number.`);
}

/**
 * Limits x where it is multiplied by a factor that tends to 0 faster, at -Infinity or at both infinities. The
 * product would be NaN, but its limit is 0.
 */
const fromBelow = (x: number) => Math.max(x, -1000);
const bounded = (x: number) => Math.min(Math.max(x, -1000), 1000);

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const hardSigmoid = (x: number, slope = 1 / 6, offset = 0.5) => Math.min(1, Math.max(0, slope * x + offset));

function relu({
  negativeSlope: slope = 0,
  threshold = 0,
  maxValue: maximum = Number.POSITIVE_INFINITY,
}: ReluActivation): Elementwise {
  // With a slope of 0, -Infinity must give 0 too.
  const least = slope === 0 ? -Number.MAX_VALUE : Number.NEGATIVE_INFINITY;
  return {
    f: (x) => (x > threshold ? Math.min(x, maximum) : slope * Math.max(x - threshold, least) + 0),
    derivative: (x) =>
      x > threshold ? (x < maximum || maximum === Number.POSITIVE_INFINITY ? 1 : 0) : slope,
  };
}

function elu(factor: number, alpha: number): Elementwise {
  return {
    f: (x) => factor * (x > 0 ? x : alpha * Math.expm1(x)),
    derivative: (x) => factor * (x > 0 ? 1 : alpha * Math.exp(x)),
  };
}

function celu({ alpha = 1 }: CeluActivation): Elementwise {
  return {
    f: (x) => (x > 0 ? x : alpha * Math.expm1(x / alpha)),
    derivative: (x) => (x > 0 ? 1 : Math.exp(x / alpha)),
  };
}

function hardSigmoidOf({ slope = 1 / 6, offset = 0.5 }: HardSigmoidActivation): Elementwise {
  return {
    f: (x) => hardSigmoid(x, slope, offset),
    derivative: (x) => (Math.abs(slope * x + (offset - 0.5)) < 0.5 ? slope : 0),
  };
}

function gelu(): Elementwise {
  const distribution = (x: number) => 0.5 * (1 + erf(x / Math.SQRT2));
  return {
    f: (x) => fromBelow(x) * distribution(x),
    derivative: (x) => distribution(x) + (bounded(x) * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
  };
}

function geluByTanh(): Elementwise {
  const scale = Math.sqrt(2 / Math.PI);
  const t = (x: number) => Math.tanh(scale * (x + 0.044715 * x ** 3));
  return {
    f: (x) => 0.5 * fromBelow(x) * (1 + t(x)),
    derivative(value) {
      const x = bounded(value);
      return 0.5 * (1 + t(x) + x * (1 - t(x) ** 2) * scale * (1 + 0.134145 * x * x));
    },
  };
}

type Kinds = {
  relu: Kind<ReluActivation>;
  elu: Kind<EluActivation>;
  celu: Kind<CeluActivation>;
  gelu: Kind<GeluActivation>;
  hardSigmoid: Kind<HardSigmoidActivation>;
} & Record<PlainActivation['kind'], Kind<PlainActivation>>;

const KINDS: Kinds = {
  relu: {
    attributes: ['negativeSlope', 'maxValue', 'threshold'],
    check(node) {
      checkFromZero(node, 'negativeSlope');
      checkFromZero(node, 'threshold');
      checkPositive(node, 'maxValue');
    },
    make: relu,
  },
  elu: {
    attributes: ['alpha'],
    check: (node) => checkFromZero(node, 'alpha'),
    make: ({ alpha = 1 }) => elu(1, alpha),
  },
  celu: {
    attributes: ['alpha'],
    check: (node) => checkPositive(node, 'alpha'),
    make: celu,
  },
  selu: plain(elu(1.0507009873554805, 1.6732632423543772)),
  gelu: {
    attributes: ['approximate'],
    check: (node) => checkFlag(node, 'approximate'),
    make: ({ approximate }) => (approximate ? geluByTanh() : gelu()),
  },
  exponential: plain({ f: Math.exp, derivative: Math.exp }),
  sigmoid: plain({ f: sigmoid, derivative: (x) => sigmoid(x) * (1 - sigmoid(x)) }),
  hardSigmoid: {
    attributes: ['slope', 'offset'],
    check(node) {
      checkPositive(node, 'slope');
      if ('offset' in node.attributes) finiteNumber(node, 'offset');
    },
    make: hardSigmoidOf,
  },
  tanh: plain({ f: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 }),
  softplus: plain({ f: softplus, derivative: sigmoid }),
  softsign: plain({
    f: (x) => (Math.abs(x) === Number.POSITIVE_INFINITY ? Math.sign(x) : x / (1 + Math.abs(x))),
    derivative: (x) => 1 / (1 + Math.abs(x)) ** 2,
  }),
  silu: plain({
    f: (x) => fromBelow(x) * sigmoid(x),
    derivative: (x) => sigmoid(x) * (1 + bounded(x) * (1 - sigmoid(x))),
  }),
  mish: plain({
    f: (x) => fromBelow(x) * Math.tanh(softplus(x)),
    derivative: (x) => {
      const t = Math.tanh(softplus(x));
      return t + bounded(x) * (1 - t * t) * sigmoid(x);
    },
  }),
  hardSwish: plain({
    f: (x) => fromBelow(x) * hardSigmoid(x),
    derivative: (x) => (x > 3 ? 1 : x < -3 ? 0 : x / 3 + 0.5),
  }),
};

function plain(functions: Elementwise): Kind<PlainActivation> {
  return { attributes: [], make: () => functions };
}

/** The kinds of elementwise activations. */
export const ELEMENTWISE_KINDS: readonly string[] = Object.keys(KINDS);

const kindOf = ({ kind }: ElementwiseAttributes) => KINDS[kind] as Kind<ElementwiseAttributes>;

/** Throws unless the node has only attributes of its kind, with values that the contract allows. */
export function checkElementwise(node: Node): void {
  const kind = kindOf(node.attributes as ElementwiseAttributes);
  const optional = kind.attributes.map((name) => [name, 'optional'] as const);
  checkAttributes(node, { kind: 'required', ...Object.fromEntries(optional) });
  kind.check?.(node);
}

/** Makes the function for these attributes. */
export function makeElementwise(attributes: ElementwiseAttributes): Elementwise {
  return kindOf(attributes).make(attributes);
}
