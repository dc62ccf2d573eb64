/** Reasons to skip parts of the comparison: TF.js can't do it, or convforge follows Keras instead. */
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

/** Options of a layer as plain data. `Made` stands for the result of another function. */
export type Options = Record<string, unknown>;

/** The result of a function of `layers`, `initializers`, `regularizers` or `constraints`. */
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
  /** Options used instead in a model made by convforge, which TF.js supports only in files. */
  optionsHere?: Options;
  model?: GraphSpec;
}

/** One call of a layer. */
export interface UseSpec {
  layer: number;
  /** Indices of values: the model's inputs first, then the outputs of calls, in order. */
  inputs: readonly number[];
}

export interface InputSpec {
  shape: readonly number[];
  /** The shape given to models, with null for unknown sizes. Default: `shape`. */
  told?: readonly (number | null)[];
  /** If set, values are integers below this. */
  classes?: number;
}

/** A model as plain data, from which both packages build it. */
export interface GraphSpec {
  kind: 'sequential' | 'model';
  name?: string;
  /** How the first layer of a chain is given its input shape, unless it is a model. */
  start?: 'inputLayer' | 'inputShape' | 'batchInputShape';
  inputs: readonly InputSpec[];
  layers: readonly LayerSpec[];
  uses: readonly UseSpec[];
  outputs: readonly number[];
}

/** The kind of the targets. */
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
  /** Per output. */
  losses: readonly string[];
  targets: readonly TargetKind[];
  metrics: readonly string[];
  optimizer: OptimizerSpec;
  /** Steps before the model is saved for the first time. */
  warmUp: number;
}

export interface ModelSpec {
  /** The seed, and the number of the model. */
  id: string;
  graph: GraphSpec;
  outputShapes: readonly (readonly number[])[];
  training: TrainingSpec;
  limits: ReadonlySet<Limit>;
  samples: number;
  /** The seed of weights, inputs and targets. */
  dataSeed: number;
}
