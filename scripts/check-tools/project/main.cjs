// A CommonJS module for bundlers.
const tf = require('convforge');
const { run } = require('./run.cjs');

run(tf);
