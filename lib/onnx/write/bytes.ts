import { ConvforgeError } from '../../errors.js';
import { byteLength } from '../../io/bytes.js';
import type { Model } from '../../network/model.js';
import { ModelGraph } from '../../network/model-graph.js';
import { OptionChecks, show } from '../../options.js';
import { turnOfEventLoop } from '../../program/sliced-work.js';
import { onnxPieces } from './model.js';

/** Options of {@link onnx}. */
export interface OnnxOptions {
  /**
   * Where inputs and outputs that are images have their channels: [n, height, width, channels] by default, or
   * [n, channels, height, width] with 'channelsFirst'.
   */
  layout?: 'channelsLast' | 'channelsFirst';
}

const LAYOUTS = ['channelsLast', 'channelsFirst'] as const;

/**
 * The bytes of an ONNX file (opset 17) that computes what `model.predict` does: `model.save('m.onnx')` writes
 * them to a file.
 *
 * Inputs and outputs have the model's names and shapes, with any number of samples. Sizes that the model leaves
 * open are open in the file, too. Layers that only act in training, such as dropout and augmentation, are left
 * out. If the model trains meanwhile, its weights are those between two steps.
 *
 * @param model The model.
 * @param options See {@link OnnxOptions}.
 * @throws INVALID_ARGUMENT, UNKNOWN_OPTION; UNSUPPORTED for a layer that draws random numbers in prediction, and
 * for sizes that are left open where the graph depends on them; TOO_LARGE beyond 2 GB.
 */
export async function onnx(model: ModelGraph, options: OnnxOptions = {}): Promise<Uint8Array> {
  if (!(model instanceof ModelGraph)) {
    throw new ConvforgeError('INVALID_ARGUMENT', `io.onnx: ${show(model)} is no model.`);
  }
  const checks = new OptionChecks('io.onnx');
  checks.keys(options, ['layout']);
  const { layout = 'channelsLast' } = options;
  checks.oneOf('layout', layout, LAYOUTS);
  const pieces = await onnxPieces(model as Model, { layout });
  return joined(pieces);
}

/** Bytes to copy before yielding to the event loop. */
const BYTES_PER_PAUSE = 2 ** 22;

async function joined(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength(pieces));
  let at = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; from += BYTES_PER_PAUSE) {
      if (from > 0) await turnOfEventLoop();
      bytes.set(piece.subarray(from, from + BYTES_PER_PAUSE), at + from);
    }
    at += piece.length;
  }
  return bytes;
}
