/** What TF.js's Node package has under `node`, as far as it is here. */
export { tensorBoard } from '../callbacks/index.js';
export type { ImageFit, ImageFormOptions } from '../data/image-form.js';
export { decodeImage } from './decode-image.js';
export { encodePng } from './encode-png.js';
