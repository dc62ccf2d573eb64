/** Describes a weight of {@link ModelArtifacts} and how its values are stored. */
export interface WeightsManifestEntry {
  /** Name, such as "conv2d_1/kernel". */
  name: string;
  /** Sizes of the axes; [] for a scalar. */
  shape: number[];
  /** Type of the values. `loadLayersModel` reads float32, int32 and bool. */
  dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
  /** 'optimizer' for a part of the optimizer's state. Default 'model'. */
  group?: 'model' | 'optimizer';
  /** How the values are quantized. Default: not at all. */
  quantization?: WeightQuantization;
}

/** Quantization of a weight: integers q that stand for `q * scale + min`, or half-precision numbers. */
export interface WeightQuantization {
  /** Type of the stored numbers. */
  dtype: 'uint8' | 'uint16' | 'float16';
  /** For uint8 and uint16: the difference of two successive values. */
  scale?: number;
  /** For uint8 and uint16: the value of q = 0. */
  min?: number;
}

/** The compilation of a model, as TF.js writes it: keys and names are in snake_case. */
export interface TrainingConfig {
  /** The optimizer's class and options. */
  optimizer_config: NonNullable<unknown>;
  /** The loss, or the losses of several outputs. */
  loss: string | string[] | { [output: string]: string };
  /** The metrics, or the metrics of several outputs. */
  metrics?: string[] | { [output: string]: string };
  /** Ignored: convforge has no separate metrics for weighted samples. */
  weighted_metrics?: string[];
  /** Ignored: the shape of sample weights tells what they weigh. */
  sample_weight_mode?: string;
  /** Factor of each output's loss in the total loss. Default 1. */
  loss_weights?: number[] | { [output: string]: number };
}

/** A saved model in memory; TF.js's type of the same name. `Data` holds the bytes of weights. */
export interface ModelArtifacts<Data = ArrayBuffer> {
  /** The layers of the model, or a graph model's nodes. */
  modelTopology?: NonNullable<unknown> | ArrayBuffer;
  /** The compilation, if the model was saved with its optimizer. */
  trainingConfig?: TrainingConfig;
  /** Names, shapes and types of the weights. */
  weightSpecs?: WeightsManifestEntry[];
  /**
   * Values of the weights, little-endian, in the order of `weightSpecs` without gaps; in one piece or
   * several.
   */
  weightData?: Data | Data[];
  /** Name of the format: 'layers-model' or 'graph-model'. */
  format?: string;
  /** Library that wrote the model. */
  generatedBy?: string;
  /** Converter that wrote the model from another format, or null. */
  convertedBy?: string | null;
  /** Names of the inputs and outputs of a graph model. */
  signature?: NonNullable<unknown>;
  /** Contents of `model.metadata`. */
  userDefinedMetadata?: { [key: string]: NonNullable<unknown> };
}

/** Result of `save`. */
export interface SaveResult {
  /** Time and sizes of what was saved. */
  modelArtifactsInfo: ModelArtifactsInfo;
  /** Responses, from handlers that send the model to a server. */
  responses?: Response[];
  /** Errors, from handlers that report them here. */
  errors?: (NonNullable<unknown> | string)[];
}

/** When a model was saved, and the sizes of its parts in bytes. */
export interface ModelArtifactsInfo {
  /** Time of saving. */
  dateSaved: Date;
  /** 'JSON' for layers models. */
  modelTopologyType: 'JSON' | 'GraphDef';
  /** Bytes of the layers as JSON. */
  modelTopologyBytes?: number;
  /** Bytes of the weights' names, shapes and types as JSON. */
  weightSpecsBytes?: number;
  /** Bytes of the weights' values. */
  weightDataBytes?: number;
}

/** Bytes in memory. A view, such as a Buffer, stands for the part that it covers. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** A source to load a model from. */
export interface LoadsModel<Loaded = Promise<ModelArtifacts<Bytes>> | ModelArtifacts<Bytes>> {
  /** Returns the model, or a promise of it. */
  load(): Loaded;
}

/** A target to save a model to. */
export interface SavesModel<Saved = Promise<unknown> | unknown> {
  /** Saves the model. `model.save` resolves to the result. */
  save(artifacts: ModelArtifacts): Saved;
}

/**
 * A source to load models from, a target to save them to, or both: any object with `load`, `save` or both,
 * such as TF.js's handlers.
 */
export type IOHandler<Result = SaveResult> = Partial<LoadsModel & SavesModel<Promise<Result> | Result>>;
