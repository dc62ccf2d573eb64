/** A weight of {@link ModelArtifacts}: how its values lie in the data. */
export interface WeightsManifestEntry {
  /** "conv2d_1/kernel" */
  name: string;
  /** Sizes by axis; [] for one number. */
  shape: number[];
  /** Type of its values; `loadLayersModel` reads float32 and int32. */
  dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
  /** 'optimizer' for a value of the optimizer's. Default 'model'. */
  group?: 'model' | 'optimizer';
  /** How it is stored in fewer bytes. Default: as its dtype. */
  quantization?: WeightQuantization;
}

/** How a weight is stored in fewer bytes: as whole numbers q for the values `q * scale + min`, or as half-precision numbers. */
export interface WeightQuantization {
  /** Type of the numbers stored. */
  dtype: 'uint8' | 'uint16' | 'float16';
  /** Of uint8 and uint16: what a step of q is worth. */
  scale?: number;
  /** Of uint8 and uint16: the value of q = 0. */
  min?: number;
}

/** How a model is trained, as TF.js writes it: keys and names in snake_case. */
export interface TrainingConfig {
  /** The optimizer's class and options. */
  optimizer_config: NonNullable<unknown>;
  /** The loss, or those of several outputs. */
  loss: string | string[] | { [output: string]: string };
  /** The metrics, or those of several outputs. */
  metrics?: string[] | { [output: string]: string };
  /** Not used by convforge, which has no metrics apart for weighted samples. */
  weighted_metrics?: string[];
  /** Not used by convforge: a weight's shape says what it weighs. */
  sample_weight_mode?: string;
  /** What each output's loss counts in the sum. Default 1. */
  loss_weights?: number[] | { [output: string]: number };
}

/** What a model consists of when it is saved, in memory; TF.js's type of the same name. `Data` holds bytes of weights. */
export interface ModelArtifacts<Data = ArrayBuffer> {
  /** The layers. */
  modelTopology?: NonNullable<unknown> | ArrayBuffer;
  /** How it was compiled, if it was saved with its optimizer. */
  trainingConfig?: TrainingConfig;
  /** Names, shapes and types of the weights. */
  weightSpecs?: WeightsManifestEntry[];
  /** Values of the weights, little-endian, one after another in the order of `weightSpecs`; in one piece or several. */
  weightData?: Data | Data[];
  /** 'layers-model' */
  format?: string;
  /** The library that made it. */
  generatedBy?: string;
  /** The converter that made it of another format, or null. */
  convertedBy?: string | null;
  /** What `model.metadata` holds. */
  userDefinedMetadata?: { [key: string]: NonNullable<unknown> };
}

/** What `save` resolves to. */
export interface SaveResult {
  /** When and how much was saved. */
  modelArtifactsInfo: ModelArtifactsInfo;
  /** Of handlers that send the model to a server. */
  responses?: Response[];
  /** Of handlers that tell errors so. */
  errors?: (NonNullable<unknown> | string)[];
}

/** When a model was saved, and its sizes in bytes. */
export interface ModelArtifactsInfo {
  /** The time of saving. */
  dateSaved: Date;
  /** 'JSON' */
  modelTopologyType: 'JSON' | 'GraphDef';
  /** Bytes of the layers as JSON. */
  modelTopologyBytes?: number;
  /** Bytes of the weights' names, shapes and types as JSON. */
  weightSpecsBytes?: number;
  /** Bytes of the weights' values. */
  weightDataBytes?: number;
}

/** Bytes in memory. Of a view, such as a Buffer, it is the part that it shows. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** What a model can be loaded from. */
export interface LoadsModel<Loaded = Promise<ModelArtifacts<Bytes>> | ModelArtifacts<Bytes>> {
  /** Gives the model, at once or by a promise. */
  load(): Loaded;
}

/** What a model can be saved to. */
export interface SavesModel<Saved = Promise<unknown> | unknown> {
  /** Takes the model. What it gives is what `model.save` resolves to. */
  save(artifacts: ModelArtifacts): Saved;
}

/** Where models are loaded from, saved to, or both. TF.js's handlers are such, and so is any object with one of the two methods. */
export type IOHandler<Result = SaveResult> = Partial<LoadsModel & SavesModel<Promise<Result> | Result>>;
