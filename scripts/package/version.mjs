// Writes package.json's version into lib/version.ts. `npm version` runs this.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const file = join(root, 'lib', 'version.ts');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const source = readFileSync(file, 'utf8');
const written = source.replace(/(?<=VERSION: string = ')[^']*/, version);
if (!written.includes(`'${version}'`)) throw new Error(`${file} has no line VERSION: string = '…'`);
writeFileSync(file, written);
console.log(`lib/version.ts: ${version}`);
