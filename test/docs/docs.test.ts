import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { moduleOf, sectionsOf } from './snippets.js';

/*
 * The TypeScript in these documents is type-checked as it stands and run against the built package (npm run
 * build), on a small set in the place of Fashion-MNIST.
 */

const PRELUDE = `
async function smallSet(): Promise<tf.datasets.ImageDataset> {
  const labelled = (count: number) => ({
    images: tf.randomUniform([count, 28, 28, 1], 0, 256, 'uint8', 1),
    labels: tf.range(0, count).sub(tf.range(0, count).div(10).floor().mul(10)).toInt(),
  });
  return { train: labelled(40), test: labelled(20), classNames: [...'0123456789'] };
}
`;

/** The names that the shorter examples use. */
const NAMES = `
const { callbacks } = tf;
declare const model: tf.Sequential;
declare const x: tf.Tensor;
declare const y: tf.Tensor;
declare const bytes: Uint8Array;
declare function show(...values: unknown[]): void;
`;

const path = temporaryFolder();

async function node(...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, args, { cwd: path('') });
  const { stdout } = await run.catch((error) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  return stdout;
}

/** Writes a program to a folder from which it can import the package, and type-checks it strictly. */
async function check(source: string): Promise<string> {
  mkdirSync(path('node_modules'));
  symlinkSync(resolve('.'), path('node_modules/convforge'), 'junction');
  symlinkSync(resolve('node_modules/@types'), path('node_modules/@types'), 'junction');
  const file = path('snippets.mts');
  writeFileSync(file, source);
  const options = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
  const others = { module: 'nodenext', target: 'es2022', noEmit: true, skipLibCheck: true, types: ['node'] };
  const config = { compilerOptions: { ...options, ...others }, files: ['snippets.mts'] };
  writeFileSync(path('tsconfig.json'), JSON.stringify(config));
  await node(resolve('node_modules/typescript/bin/tsc'), '-p', path('tsconfig.json'));
  return file;
}

describe.each(['README', 'docs/from-tfjs', 'docs/from-keras'])('%s.md', (name) => {
  const markdown = readFileSync(resolve(`${name}.md`), 'utf8');
  const sections = sectionsOf(markdown);

  it('has code that type-checks and runs', async () => {
    expect(sections.length).toBeGreaterThan(0);
    const source = moduleOf(sections, PRELUDE)
      .replaceAll('tf.datasets.fashionMnist()', 'smallSet()')
      .replaceAll('epochs: 10,', 'epochs: 1,')
      .replaceAll('const epochs = 10;', 'const epochs = 1;');
    const output = await node(resolve('node_modules/tsx/dist/cli.mjs'), await check(source));
    for (const { heading } of sections) expect(output).toContain(`DONE ${heading}\n`);
  }, 120_000);

  it('links only to existing files', () => {
    const links = [...markdown.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(0);
    const folder = dirname(resolve(`${name}.md`));
    expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
  });
});

describe.each(['callbacks', 'checkpoints', 'data', 'serving'])('docs/%s.md', (name) => {
  it('has code that type-checks', async () => {
    const markdown = readFileSync(resolve(`docs/${name}.md`), 'utf8');
    const blocks = sectionsOf(markdown);
    expect(blocks.length).toBeGreaterThan(2);
    await check(moduleOf(blocks, NAMES));
  }, 120_000);
});

describe('README.md', () => {
  it('links to every document', () => {
    const readme = readFileSync('README.md', 'utf8');
    const missing = readdirSync('docs').filter(
      (name) => name.endsWith('.md') && !readme.includes(`docs/${name}`),
    );
    expect(missing).toEqual([]);
  });
});
