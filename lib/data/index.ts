export { array } from './array.js';
export type { Batched } from './collate.js';
export { Dataset } from './dataset.js';
export { type Generated, generator } from './generator.js';
export { type Zippable, type Zipped, zip } from './zip.js';
