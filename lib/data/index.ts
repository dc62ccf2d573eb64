export { array } from './array.js';
export type { Batched } from './collate.js';
export { type CsvDataset, type CsvElement, type CsvOptions, csv, type LabelledCsvElement } from './csv.js';
export type { ColumnConfig, CsvValue } from './csv-columns.js';
export { Dataset } from './dataset.js';
export { type Generated, generator } from './generator.js';
export { type ImagesDataset, type ImagesOptions, images, type LabelledImage } from './images.js';
export { type Zippable, type Zipped, zip } from './zip.js';
