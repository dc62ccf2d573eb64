import './check-bundle.mjs';

export * from './main.js';
export { default } from './main.js';
