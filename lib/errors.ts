/** The kinds of errors, for programs to compare. The message is for people. */
export type ErrorCode =
  /** An argument has the wrong type or an impossible value. */
  | 'INVALID_ARGUMENT'
  /** An unknown option, callback hook or log key. The message names the nearest known one. */
  | 'UNKNOWN_OPTION'
  /** Shapes of layers, or of data and model, don't fit. */
  | 'SHAPE_MISMATCH'
  /** A size that can't be addressed or allocated. */
  | 'TOO_LARGE'
  /** The machine has no memory left. */
  | 'OUT_OF_MEMORY'
  /** A label that isn't a whole number in [0, classes). */
  | 'INVALID_LABEL'
  /** An embedding index that isn't a whole number in its range. */
  | 'INVALID_INDEX'
  /** The model must be compiled before it trains or evaluates. */
  | 'NOT_COMPILED'
  /** The model is training and can't be changed. */
  | 'MODEL_BUSY'
  /** Too many jobs are waiting. */
  | 'QUEUE_FULL'
  /** A use after dispose(). */
  | 'DISPOSED'
  /** The caller's AbortSignal, or the end of its thread or model, ended the job. */
  | 'ABORTED'
  /** A buffer was transferred, shrunk or detached while it was read. */
  | 'BUFFER_DETACHED'
  /** A dataset's files weren't found. The message says how to get them. */
  | 'DATASET_NOT_FOUND'
  /** A file's content isn't valid. */
  | 'CORRUPT_FILE'
  /** A file can't be read or written. `cause` has the system's error. */
  | 'IO_ERROR'
  /** A class name, op or feature that this version doesn't have. */
  | 'UNSUPPORTED'
  /** An optional package isn't installed. The message names it. */
  | 'PEER_MISSING'
  /** The native addon can't be loaded or compiled. The message lists what was tried, or what is missing. */
  | 'ADDON_UNAVAILABLE'
  /** The processes of one training don't agree, or one of them has ended. The message says which. */
  | 'DISTRIBUTED'
  /** A bug in convforge: please report it. */
  | 'INTERNAL';

/** The optional parts of an error. */
export interface ConvforgeErrorOptions extends ErrorOptions {
  /** The name of the layer that the error is about. */
  layer?: string;
}

/** Every error that convforge throws or rejects with. */
export class ConvforgeError extends Error {
  /** Distinguishes it from other errors even if the class was loaded twice. */
  override readonly name = 'ConvforgeError';
  /** The kind of error, for programs to compare. */
  readonly code: ErrorCode;
  /** The name of the layer that the error is about, if there is one. */
  readonly layer?: string;

  constructor(code: ErrorCode, message: string, options: ConvforgeErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (options.layer !== undefined) this.layer = options.layer;
  }
}
