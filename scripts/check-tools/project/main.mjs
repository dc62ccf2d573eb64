// An ES module for bundlers.
import * as tf from 'convforge';
import { run } from './run.mjs';

run(tf);
