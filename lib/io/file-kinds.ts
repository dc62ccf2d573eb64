import type { FileHandle } from 'node:fs/promises';

/** A kind of file other than a model.json, for messages: "this is {what}; {advice}". */
export interface FileKind {
  what: string;
  /** What the user can do. */
  advice: string;
  /** Whether the file holds a model or a part of one. */
  isModel: boolean;
}

const CONVERTER = 'pip install tensorflowjs; tensorflowjs_converter --input_format=keras model.h5 folder';
const BY_HAND = 'make the same layers here and give them its weights by model.setWeights';

export const HDF5: FileKind = {
  isModel: true,
  what: 'an HDF5 file, as Keras writes it (.h5)',
  advice: 'open it with loadModel(path)',
};
export const KERAS: FileKind = {
  isModel: true,
  what: "an archive in Keras's .keras format",
  advice: 'open it with loadModel(path)',
};
export const ONNX: FileKind = {
  isModel: true,
  what: 'an ONNX model',
  advice: 'open it with loadModel(path)',
};
export const SAFETENSORS: FileKind = {
  isModel: true,
  what: 'a safetensors file, which holds weights without layers',
  advice:
    'make the same layers here, and io.loadSafetensors(model, path) gives them its weights; io.readSafetensors reads its tensors',
};
const SAVED_MODEL: FileKind = {
  isModel: true,
  what: "TensorFlow's SavedModel, a graph of operations instead of layers",
  advice: `if Keras made it, save the model as model.h5 there, and convert that to a folder with a model.json: ${CONVERTER}`,
};
const TFLITE: FileKind = {
  isModel: true,
  what: 'a TensorFlow Lite model, a graph of operations instead of layers',
  advice: `take the Keras model that it was made from, save it as model.h5, and convert that to a folder with a model.json: ${CONVERTER}`,
};
const PYTORCH: FileKind = {
  isModel: true,
  what: 'a checkpoint of PyTorch, which holds weights without layers',
  advice: `only Python can read it; ${BY_HAND}, convolution kernels transposed from [out, in, h, w] to [h, w, in, out]`,
};
const NUMPY: FileKind = { isModel: true, what: 'a file of NumPy arrays without layers', advice: BY_HAND };
const ZIP: FileKind = {
  isModel: true,
  what: 'a zip archive',
  advice: 'unpack it, and give the folder with its model.json',
};
const GZIP: FileKind = {
  isModel: true,
  what: 'a gzip archive',
  advice: 'unpack it, and give the folder with its model.json',
};
const LFS_POINTER: FileKind = {
  isModel: true,
  what: 'a pointer that Git LFS leaves in the place of a large file',
  advice: 'fetch the file itself with git lfs pull',
};
const WEB_PAGE: FileKind = {
  isModel: false,
  what: 'a web page',
  advice: 'fetch the file itself; servers often answer so where a file is missing or needs a login',
};
export const GRAPH_MODEL: FileKind = {
  isModel: true,
  what: "a graph model of TensorFlow.js's converter, with operations instead of layers",
  advice: 'open it with loadGraphModel(path) or loadModel(path)',
};
export const LAYERS_MODEL: FileKind = {
  isModel: true,
  what: 'a layers model',
  advice: 'open it with loadLayersModel(path) or loadModel(path)',
};
export const TOPOLOGY: FileKind = {
  isModel: true,
  what: 'a topology, the layers of a model without weights',
  advice: 'models.modelFromJSON makes a model of it with new weights',
};

const OTHER_JSON: FileKind = {
  isModel: false,
  what: 'JSON of another kind, without modelTopology and weightsManifest',
  advice: 'give the path of a model.json',
};
const WEIGHTS: FileKind = {
  isModel: true,
  what: 'no JSON, but weights by its name',
  advice: 'give the path of the model.json that names it',
};

const CHECKPOINT: FileKind = {
  isModel: true,
  what: 'the manifest of a checkpoint of fit',
  advice:
    'make the model as then, and resume with fit(x, y, { checkpoint: { dir }, resume: true }); model.save writes what can be loaded',
};

/** Number of bytes to read at the start and at the end of a file. */
export const PEEKED_BYTES = 2 ** 16;

/**
 * Recognizes an open file that is not valid JSON, by its first bytes and, for zip archives, its last ones. undefined
 * if unknown.
 */
export async function kindOfFile(file: FileHandle): Promise<FileKind | undefined> {
  const peek = async (from: number) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PEEKED_BYTES), 0, PEEKED_BYTES, from);
    return buffer.subarray(0, bytesRead);
  };
  const head = await peek(0);
  if (!isZip(head)) return kindOfBytes(head);
  const { size } = await file.stat();
  return kindOfZip(new Set([...zipNames(head), ...zipNames(await peek(Math.max(0, size - PEEKED_BYTES)))]));
}

/** Recognizes bytes that aren't a zip archive by their first ones. */
export function kindOfHead(bytes: Uint8Array): FileKind | undefined {
  return kindOfBytes(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PEEKED_BYTES)));
}

export function isZip([p, k, three, four]: Uint8Array): boolean {
  return p === 0x50 && k === 0x4b && ((three === 3 && four === 4) || (three === 5 && four === 6));
}

function kindOfBytes(head: Buffer): FileKind | undefined {
  const starts = (text: string, at = 0) => head.toString('latin1', at, at + text.length) === text;
  if (starts('{"sha256":"') && head.includes('"convforge-checkpoint"')) return CHECKPOINT;
  if (isHdf5(starts, head.length)) return HDF5;
  if (starts('TFL3', 4)) return TFLITE;
  if (isSafetensors(head)) return SAFETENSORS;
  if (starts('\x93NUMPY')) return NUMPY;
  // A pickle of protocol 2 to 5, which PyTorch wrote before version 1.6.
  if (head[0] === 0x80 && head[1] >= 2 && head[1] <= 5) return PYTORCH;
  if (starts('\x1f\x8b')) return GZIP;
  if (starts('version https://git-lfs')) return LFS_POINTER;
  if (/^\s*<(!doctype|html|\?xml)/i.test(head.toString('latin1', 0, 256))) return WEB_PAGE;
  return kindOfProtobuf(head);
}

/** The signature may follow a user block, whose size is 512 or a larger power of 2. */
function isHdf5(starts: (text: string, at: number) => boolean, length: number): boolean {
  const SIGNATURE = '\x89HDF\r\n\x1a\n';
  if (starts(SIGNATURE, 0)) return true;
  for (let at = 512; at < length; at *= 2) if (starts(SIGNATURE, at)) return true;
  return false;
}

/**
 * A safetensors file begins with the header's length in 8 bytes, little-endian, and a JSON object. Text may
 * also have a brace at that offset, but no zero byte before it.
 */
function isSafetensors(head: Buffer): boolean {
  return head[8] === 0x7b && head.subarray(0, 8).includes(0);
}

function kindOfZip(names: ReadonlySet<string>): FileKind {
  const list = [...names];
  if (names.has('config.json') && (names.has('metadata.json') || list.some((name) => name.endsWith('.h5'))))
    return KERAS;
  if (list.some((name) => name.endsWith('data.pkl'))) return PYTORCH;
  if (list.length > 0 && list.every((name) => name.endsWith('.npy'))) return NUMPY;
  return ZIP;
}

/**
 * Tells ONNX from SavedModel. Both begin with field 1, a version: for ONNX that of its intermediate
 * representation, 3 or more in all files since 2017; for SavedModel that of its schema, which is 1 and
 * followed by a graph.
 */
function kindOfProtobuf(head: Buffer): FileKind | undefined {
  const [tag, version, next] = head;
  if (tag !== 0x08 || version === 0 || version > 0x40) return undefined;
  if (version === 1 && next === 0x12) return SAVED_MODEL;
  // Producer name, version or domain, model version, documentation, graph, opsets.
  return [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(next) ? ONNX : undefined;
}

/** Recognizes a JSON file that is no layers model. undefined if it may be one. */
export function kindOfJson(json: Readonly<Record<string, unknown>>): FileKind | undefined {
  const { format, modelTopology, weightsManifest } = json;
  const { node } = (modelTopology ?? {}) as { node?: unknown };
  // Older converters wrote no format.
  if (format === 'graph-model' || Array.isArray(node)) return GRAPH_MODEL;
  if ([format, modelTopology, weightsManifest].some((part) => part !== undefined)) return undefined;
  return typeof json.class_name === 'string' ? TOPOLOGY : OTHER_JSON;
}

/** Recognizes a file by its name, if neither its bytes are known nor it is JSON. */
export function kindOfName(path: string): FileKind | undefined {
  return /\.(bin|data)$/i.test(path) ? WEIGHTS : undefined;
}

/** File extensions of formats that `save` can't write yet. */
const UNWRITTEN: Readonly<Record<string, string>> = {
  h5: "Keras's .h5 format",
  hdf5: "Keras's .h5 format",
  onnx: 'ONNX',
  safetensors: 'safetensors',
  tflite: 'TensorFlow Lite',
  pb: "TensorFlow's SavedModel",
  pt: "PyTorch's format",
  pth: "PyTorch's format",
  npz: "NumPy's format",
  zip: 'a zip archive',
};

/** The format that a file extension names, if it can't be written. */
export function unwrittenFormat(path: string): string | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1].toLowerCase() ?? '';
  return Object.hasOwn(UNWRITTEN, ending) ? UNWRITTEN[ending] : undefined;
}

/** Maximum number of member names to read; more than any model's archive needs. */
const MAX_NAMES = 1000;

/**
 * Records of a zip archive that name a member: signature, offset of the name's length, offset of the name
 * (APPNOTE.TXT 4.3).
 */
const RECORDS = [
  { signature: 'PK\x03\x04', lengthAt: 26, nameAt: 30 },
  { signature: 'PK\x01\x02', lengthAt: 28, nameAt: 46 },
];

/**
 * Names of members in a part of a zip archive. Good only to recognize its kind: names may be missing or found
 * by chance.
 */
function zipNames(piece: Buffer): Set<string> {
  const names = new Set<string>();
  for (const { signature, lengthAt, nameAt } of RECORDS) {
    let at = piece.indexOf(signature, 0, 'latin1');
    while (at >= 0 && at + nameAt <= piece.length && names.size < MAX_NAMES) {
      const length = piece.readUInt16LE(at + lengthAt);
      names.add(piece.toString('utf8', at + nameAt, at + nameAt + length));
      at = piece.indexOf(signature, at + nameAt, 'latin1');
    }
  }
  return names;
}
