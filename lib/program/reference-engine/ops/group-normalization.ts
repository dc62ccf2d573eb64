import { elementCount } from '../checks.js';
import { normalizationOfSamples } from './normalization.js';

/** Normalizes each group of each sample as one set. */
export const groupNormalization = normalizationOfSamples<'groupNormalization'>(
  'groups',
  ({ node, samples, inputShape }) => {
    const channels = inputShape[inputShape.length - 1];
    const { groups } = node.attributes;
    const size = elementCount(inputShape);
    const channelOf = (element: number) => element % channels;
    return {
      count: samples * groups,
      setOf: (element) =>
        Math.floor(element / size) * groups + Math.floor((channelOf(element) * groups) / channels),
      channelOf,
    };
  },
);
