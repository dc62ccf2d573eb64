import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadLayersModel } from '../../lib/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { makeIdxFolder } from './make-data.js';
import { type Outcome, runCli } from './run-cli.js';

const ROOT = resolve(__dirname, '../..');
const path = temporaryFolder();

const NETWORK = `import * as tf from 'convforge';

type Shape = readonly [number, number, number];

export default (inputShape: Shape, classes: number): tf.LayersModel =>
  tf.sequential({
    name: 'typed',
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape }),
      tf.layers.flatten(),
      tf.layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
`;

/** Whether this Node loads TypeScript by itself. */
const { typescript } = process.features as { typescript?: string | false };
/** Has Node load no TypeScript, whatever its version. */
const PLAIN = typescript ? { NODE_OPTIONS: '--no-experimental-strip-types' } : {};

/** Links a package, or a folder of one, into the project. */
function link(name: string, target: string): void {
  const own = path(`node_modules/${name}`);
  mkdirSync(dirname(own), { recursive: true });
  symlinkSync(target, own, 'junction');
}

/** A project that has convforge and its dependencies installed, and no tsx. */
beforeEach(() => {
  mkdirSync(path('node_modules/convforge'), { recursive: true });
  cpSync(join(ROOT, 'dist'), path('node_modules/convforge/dist'), { recursive: true });
  const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
  writeFileSync(path('node_modules/convforge/package.json'), manifest);
  link('convforge/build', join(ROOT, 'build'));
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) link(name, join(ROOT, 'node_modules', name));
});

function train(file: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const data = makeIdxFolder(path('halves'), { train: 40, test: 4 });
  const args = ['train', path(file), '--data', data, '--epochs', '1', '--out', path('out'), '--no-report'];
  return runCli(args, { CI: '1', ...env }, undefined, path('node_modules/convforge/dist/cli/main.js'));
}

async function expectTrained({ code, err }: Outcome): Promise<void> {
  expect([code, err]).toEqual([0, '']);
  const { name, classNames } = await loadLayersModel(path('out/model'));
  expect([name, classNames]).toEqual(['typed', ['0', '1']]);
}

describe('a model of a TypeScript file', () => {
  it.each([
    ['network.ts', 'commonjs'],
    ['network.ts', 'module'],
    ['network.mts', 'commonjs'],
    ['network.cts', 'module'],
  ])('is trained where tsx is installed: %s in a package of type %s', async (file, type) => {
    link('tsx', join(ROOT, 'node_modules/tsx'));
    writeFileSync(path('package.json'), JSON.stringify({ type }));
    writeFileSync(path('head.ts'), 'export const NAME: string = "typed";\n');
    const imported = NETWORK.replace("'typed'", 'NAME');
    writeFileSync(path(file), `import { NAME } from './head.js';\n${imported}`);
    await expectTrained(await train(file, PLAIN));
  });

  it.runIf(typescript)('is trained where Node loads TypeScript', async () => {
    writeFileSync(path('network.mts'), NETWORK);
    await expectTrained(await train('network.mts', { NODE_NO_WARNINGS: '1' }));
  });

  it('is refused where nothing loads it, with what to do', async () => {
    writeFileSync(path('network.ts'), NETWORK);
    const { code, err } = await train('network.ts', PLAIN);
    expect(code).toBe(1);
    expect(err).toBe(
      `convforge: ${path('network.ts')} is TypeScript, which Node ${process.versions.node} doesn't load. Install tsx beside it (npm install --save-dev tsx), use Node 22.18 or later, or compile it to JavaScript. (UNSUPPORTED)\n`,
    );
  });

  it('is refused with the line of its mistake', async () => {
    link('tsx', join(ROOT, 'node_modules/tsx'));
    writeFileSync(path('network.ts'), 'export default (;\n');
    const { code, err } = await train('network.ts', PLAIN);
    expect(code).toBe(1);
    expect(err).toMatch(/network\.ts can't be loaded: [\s\S]*network\.ts:1:16: ERROR[\s\S]*\(IO_ERROR\)\n$/);
  });
});
