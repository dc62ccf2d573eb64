export { type GeneratorState, RandomGenerator } from './generator.js';
export { generatorState, nextSeed, setGeneratorState, setSeed } from './global.js';
export { nthSeed } from './nth-seed.js';
