export { type EmnistSplit, emnist } from './emnist.js';
export { fashionMnist } from './fashion-mnist.js';
export { type IdxPair, idx } from './idx.js';
export type { DatasetOptions, ImageDataset, LabelledImages } from './image-set.js';
export { mnist } from './mnist.js';
