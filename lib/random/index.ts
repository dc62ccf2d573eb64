export { RandomGenerator } from './generator.js';
export { nextSeed, setSeed } from './global.js';
export { nthSeed } from './nth-seed.js';
