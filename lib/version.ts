import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of this package, as package.json has it: one folder up, in sources and in the built package alike. */
export const VERSION: string = JSON.parse(
  readFileSync(join(__dirname, '..', 'package.json'), 'utf8'),
).version;
