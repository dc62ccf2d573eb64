/** What TF.js's Node package has under `node`, as far as it is here. */
export { tensorBoard } from '../callbacks/index.js';
export { encodePng } from './encode-png.js';
