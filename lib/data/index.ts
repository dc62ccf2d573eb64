export { array } from './array.js';
export type { Batched } from './collate.js';
export {
  type CsvDataset,
  type CsvElement,
  type CsvOptions,
  type CsvTensorOptions,
  csv,
  type LabelledCsvElement,
} from './csv.js';
export type { CsvRow, LabelledCsvRow } from './csv-numbers.js';
export type { ColumnConfig, CsvValue } from './csv-columns.js';
export { Dataset } from './dataset.js';
export { type Generated, generator } from './generator.js';
export type { ImageDecoder, ImageFit, ImageFormOptions, ImageInterpolation } from './image-form.js';
export { type ImagesDataset, type ImagesOptions, images, type LabelledImage } from './images.js';
export type { SplitOptions } from './split.js';
export { type Zippable, type Zipped, zip } from './zip.js';
