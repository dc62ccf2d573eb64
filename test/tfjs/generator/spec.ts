/** Why a model is spared some of the comparison: what TF.js can't do, or where convforge follows Keras. */
export const LIMITS = {
  random: 'draws random numbers in training',
  dilation: 'TF.js has no gradient of a dilated convolution',
  paddedAverage: "TF.js's gradient of an average pooling counts padded cells",
  bilinear: "TF.js's gradient of a bilinear resizing has height and width exchanged",
  threshold: "TF.js's thresholdedReLU has no gradient",
  depthMultiplier: "TF.js forgets a separable convolution's depthMultiplier when it saves",
  unscaled: "TF.js can't train a normalization without gamma or beta",
  frozenNormalization:
    'a frozen batch normalization stays in inference mode here, as in Keras, and not in TF.js',
  geluNew: "TF.js writes 'gelu_new', and can't read it",
  formulas:
    "a hardSigmoid or a bilinear resizing follows Keras in a model that is made here, and TF.js's formula in one from TF.js",
} as const;

export type Limit = keyof typeof LIMITS;

/** Options of a layer as plain data; `Made` stands for what another function makes. */
export type Options = Record<string, unknown>;

/** What a function of `layers`, `initializers`, `regularizers` or `constraints` gives. */
export class Made {
  constructor(
    readonly namespace: 'layers' | 'initializers' | 'regularizers' | 'constraints',
    readonly name: string,
    readonly config: Options,
  ) {}
}

export interface LayerSpec {
  /** Its function in `layers`; undefined for a model. */
  make?: string;
  options: Options;
  /** Others in their place for a model that is made here, which TF.js can't have but in a file. */
  optionsHere?: Options;
  model?: GraphSpec;
}

/** One use of a layer. */
export interface UseSpec {
  layer: number;
  /** Values: those of the inputs come first, then those that uses give, in their order. */
  inputs: readonly number[];
}

export interface InputSpec {
  shape: readonly number[];
  /** The shape that models are told, with null for sizes that may be any. Default: `shape`. */
  told?: readonly (number | null)[];
  /** Values are whole numbers below this, if there is it. */
  classes?: number;
}

/** A model as plain data, from which both packages make it. */
export interface GraphSpec {
  kind: 'sequential' | 'model';
  name?: string;
  /** How the first layer of a chain is told its input, unless it is a model. */
  start?: 'inputLayer' | 'inputShape' | 'batchInputShape';
  inputs: readonly InputSpec[];
  layers: readonly LayerSpec[];
  uses: readonly UseSpec[];
  outputs: readonly number[];
}

/** What targets are made of. */
export type TargetKind =
  | 'real'
  | 'positive'
  | 'aboveZero'
  | 'signs'
  | 'binary'
  | 'oneHot'
  | 'classes'
  | 'distribution';

export interface OptimizerSpec {
  /** Its function in `train`, or its name for compile. */
  make: string;
  args?: readonly unknown[];
}

export interface TrainingSpec {
  /** By output. */
  losses: readonly string[];
  targets: readonly TargetKind[];
  metrics: readonly string[];
  optimizer: OptimizerSpec;
  /** Steps before the model is saved for the first time. */
  warmUp: number;
}

export interface ModelSpec {
  /** The seed, and which of its models. */
  id: string;
  graph: GraphSpec;
  outputShapes: readonly (readonly number[])[];
  training: TrainingSpec;
  limits: ReadonlySet<Limit>;
  samples: number;
  /** For weights, inputs and targets. */
  dataSeed: number;
}
