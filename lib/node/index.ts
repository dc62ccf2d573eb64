/** The functions of TF.js's `node` that convforge has. */
export { tensorBoard } from '../callbacks/index.js';
export type { ImageFit, ImageFormOptions } from '../data/image-form.js';
export { decodeImage } from './decode-image.js';
export { encodePng } from './encode-png.js';
