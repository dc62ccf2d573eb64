import { elementCount } from '../checks.js';
import { normalizationOfSamples } from './normalization.js';

/** Normalizes each row, the last axes, as one set. */
export const layerNormalization = normalizationOfSamples<'layerNormalization'>(
  'axes',
  ({ node, input, inputShape }) => {
    const length = elementCount(inputShape.slice(-node.attributes.axes));
    return {
      count: input.length / length,
      setOf: (element) => Math.floor(element / length),
      channelOf: (element) => element % length,
    };
  },
);
