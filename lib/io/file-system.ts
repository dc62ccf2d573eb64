import type { IOHandler, ModelArtifacts, SaveResult } from './artifacts.js';
import { allocateBytes, byteLength, joinBytes, piecesOf } from './bytes.js';
import { checkFolder, readLocation } from './locations.js';
import { storedBytes } from './manifest.js';
import { openModelFiles } from './model-files.js';
import { artifactsInfo } from './model-json.js';
import { writeModel } from './write-model.js';

/**
 * A handler for a model in a folder. `loadLayersModel` and `model.save` read and write its files piece by
 * piece.
 */
export class FileSystem implements IOHandler {
  /** The given path, without 'file://'. */
  readonly path: string;

  /** @internal */
  constructor(location: string) {
    this.path = readLocation(location, 'io.fileSystem');
  }

  /**
   * Reads the whole model into memory. Rejects with IO_ERROR, CORRUPT_FILE, UNSUPPORTED, TOO_LARGE or
   * OUT_OF_MEMORY.
   */
  async load(): Promise<ModelArtifacts> {
    const files = await openModelFiles(this.path);
    const { path, groups } = files;
    const { weightsManifest, ...json } = files.json;
    const buffers: ArrayBuffer[] = [];
    try {
      for (const group of groups) {
        const length = group.weights.reduce((sum, entry) => sum + storedBytes(entry), 0);
        await files.readGroup(group, async (reader) => {
          const buffer = allocateBytes(length, path);
          await reader.fill(new Uint8Array(buffer));
          buffers.push(buffer);
        });
      }
    } finally {
      await files.close();
    }
    const written = weightsManifest as { weights: NonNullable<ModelArtifacts['weightSpecs']> }[];
    return {
      ...json,
      weightSpecs: written.flatMap(({ weights }) => weights),
      weightData:
        buffers.length === 1
          ? buffers[0]
          : joinBytes(
              buffers.map((buffer) => new Uint8Array(buffer)),
              path,
            ),
    };
  }

  /** Writes model.json and its weights file. Rejects with IO_ERROR, INVALID_ARGUMENT or UNSUPPORTED. */
  async save(artifacts: ModelArtifacts): Promise<SaveResult> {
    await checkFolder(this.path);
    const { weightSpecs = [], weightData = [], ...json } = artifacts;
    const pieces = piecesOf(weightData, 'io.fileSystem: weightData');
    await writeModel(this.path, json, weightSpecs, pieces);
    return { modelArtifactsInfo: artifactsInfo(json.modelTopology, weightSpecs, byteLength(pieces)) };
  }
}

/**
 * Creates a handler to load a model from files and to save one. 'file://path' is short for it.
 *
 * @param location 'file://out', or a plain path: of the folder or, to load, of the model.json.
 * @throws INVALID_ARGUMENT unless it is a path, UNSUPPORTED for another scheme.
 */
export function fileSystem(location: string): FileSystem {
  return new FileSystem(location);
}
