export { confusionMatrix } from '../metrics/confusion-matrix.js';
