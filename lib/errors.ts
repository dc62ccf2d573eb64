/** What went wrong, for programs; the message says it for people. */
export type ErrorCode =
  /** An argument has the wrong type or an impossible value. */
  | 'INVALID_ARGUMENT'
  /** An option, callback hook or log key that does not exist; the message names the nearest one that does. */
  | 'UNKNOWN_OPTION'
  /** Shapes don't fit each other: between layers, or between data and a model. */
  | 'SHAPE_MISMATCH'
  /** Something asked for is larger than can be addressed or allocated. */
  | 'TOO_LARGE'
  /** The machine has no memory left for it. */
  | 'OUT_OF_MEMORY'
  /** A label outside [0, classes), or not a whole number. */
  | 'INVALID_LABEL'
  /** A number that an embedding has no vector for, or that isn't whole. */
  | 'INVALID_INDEX'
  /** Training or evaluation was asked of a model that has no loss yet: call compile. */
  | 'NOT_COMPILED'
  /** The model is training and can't be changed now. */
  | 'MODEL_BUSY'
  /** Too many jobs wait already. */
  | 'QUEUE_FULL'
  /** Use after dispose(). */
  | 'DISPOSED'
  /** Ended by the caller's AbortSignal, or because its thread or model went away. */
  | 'ABORTED'
  /** A buffer was transferred, shrunk or detached while it was being read. */
  | 'BUFFER_DETACHED'
  /** The files of a dataset are nowhere to be found; the message names the ways to get them. */
  | 'DATASET_NOT_FOUND'
  /** A file isn't what it says it is. */
  | 'CORRUPT_FILE'
  /** A file can't be read or written; `cause` has the system's error. */
  | 'IO_ERROR'
  /** A class name, op or feature that this version doesn't know. */
  | 'UNSUPPORTED'
  /** An optional package is needed and not installed; the message names it. */
  | 'PEER_MISSING'
  /** The native addon can't be loaded; the message lists what was tried. */
  | 'ADDON_UNAVAILABLE'
  /** A broken promise inside convforge itself: please report it. */
  | 'INTERNAL';

/** What an error has besides its code and message; `cause` as in JavaScript. */
export interface ConvforgeErrorOptions extends ErrorOptions {
  /** The layer the error is about, where there is one. */
  layer?: string;
}

/** Every error that convforge throws or rejects with. */
export class ConvforgeError extends Error {
  /** Tells it from other errors where classes are loaded twice. */
  override readonly name = 'ConvforgeError';
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** The name of the layer that it is about, where there is one. */
  readonly layer?: string;

  constructor(code: ErrorCode, message: string, options: ConvforgeErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (options.layer !== undefined) this.layer = options.layer;
  }
}
