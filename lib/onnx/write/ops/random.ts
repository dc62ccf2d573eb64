import type { NodeWriter } from '../node.js';

type RandomOp = 'dropout' | 'gaussianNoise' | 'randomAffine' | 'randomFlip' | 'randomTone';

/** Ops that are the identity in prediction. */
export function unlessTraining(writer: NodeWriter<RandomOp>): void {
  refuseDraws(writer);
  writer.pass();
}

/** Throws UNSUPPORTED for an op that draws in prediction, too. */
export function refuseDraws(writer: NodeWriter<RandomOp | 'randomCrop'>): void {
  // Other attributes may depend on open sizes.
  if (!writer.variants[0].attributes.always) return;
  writer.unsupported(
    'it draws random numbers in prediction too, since it was applied with training: true. ONNX can not repeat them; apply it without.',
  );
}
