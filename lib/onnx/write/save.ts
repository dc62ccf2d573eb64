import { readSignal, throwIfAborted } from '../../aborts.js';
import type { SaveResult } from '../../io/artifacts.js';
import { byteLength } from '../../io/bytes.js';
import { unsupported } from '../../io/failures.js';
import { FileSystem } from '../../io/file-system.js';
import { checkTargetFile, readLocation } from '../../io/locations.js';
import { artifactsInfo } from '../../io/model-json.js';
import type { SaveOptions } from '../../io/save-model.js';
import { writeAtomically, writeSynced } from '../../io/write-files.js';
import type { Model } from '../../network/model.js';
import { OptionChecks } from '../../options.js';
import { onnxPieces } from './model.js';

/** Whether a target of `save` is the path of an ONNX file. */
export function isOnnxFile(target: unknown): target is string | FileSystem {
  const path = target instanceof FileSystem ? target.path : target;
  return typeof path === 'string' && /\.onnx$/i.test(path);
}

/**
 * Saves a model as an ONNX file, which is replaced as a whole. Rejects with UNSUPPORTED for `includeOptimizer`, as
 * ONNX has no optimizers, and as `io.onnx` does; IO_ERROR, ABORTED.
 */
export async function saveOnnx(
  model: Model,
  target: string | FileSystem,
  options: SaveOptions = {},
): Promise<SaveResult> {
  const checks = new OptionChecks('save');
  checks.keys(options, ['includeOptimizer', 'signal']);
  throwIfAborted(readSignal(checks, options.signal));
  const path = typeof target === 'string' ? readLocation(target, 'save') : target.path;
  if (checks.boolean('includeOptimizer', options.includeOptimizer ?? false))
    throw unsupported(path, 'ONNX has no optimizers; leave includeOptimizer out, or save to a folder, too');
  await checkTargetFile(path, 'save');
  const pieces = await onnxPieces(model, { layout: 'channelsLast' });
  await writeAtomically(path, async (temporary) => {
    await writeSynced(temporary, pieces);
  });
  return { modelArtifactsInfo: artifactsInfo(null, null, byteLength(pieces)) };
}
