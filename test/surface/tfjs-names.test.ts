import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type * as typed from '../../lib/index.js';
import { ConvforgeError } from '../../lib/errors.js';
import * as tf from '../../lib/main.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/*
 * Each function and class that TF.js has under `tf` exists: convforge's own, or one that throws and says what
 * to do instead.
 */

const { names } = JSON.parse(readFileSync(join(__dirname, 'tfjs-names.json'), 'utf8')) as {
  names: Record<string, string[]>;
};

function read(path: string): Record<string, unknown> | undefined {
  const parts = path.split('.').slice(1);
  const step = (value: unknown, part: string) => (value as Record<string, unknown> | undefined)?.[part];
  return parts.reduce(step, tf as unknown) as Record<string, unknown> | undefined;
}

const paths = Object.entries(names).flatMap(([namespace, list]) => list.map((name) => ({ namespace, name })));

/** The error of a call without arguments, if convforge lacks the function. */
function said(value: unknown): ConvforgeError | undefined {
  try {
    (value as () => unknown)();
  } catch (error) {
    if (error instanceof ConvforgeError && / is not in convforge; /.test(error.message)) return error;
  }
  return undefined;
}

describe('the names of TF.js', () => {
  it('all exist', () => {
    expect(paths.length).toBeGreaterThan(900);
    const missing = paths.filter(({ namespace, name }) => typeof read(namespace)?.[name] !== 'function');
    expect(missing).toEqual([]);
  });

  it('throw with an alternative if convforge lacks the function', () => {
    for (const [path, text] of [
      [
        'tf.layers.lstm',
        /^tf\.layers\.lstm is not in convforge; there are no recurrent layers: use tf\.layers\.conv1d/,
      ],
      ['tf.variable', /model\.gradients\(x, y\)/],
      ['tf.grads', /model\.gradients\(x, y\)/],
      ['tf.browser.fromPixels', /tf\.node\.decodeImage/],
      ['tf.loadGraphModelSync', /await tf\.loadGraphModel/],
      ['tf.setBackend', /leave the call out/],
      ['tf.data.webcam', /tf\.data\.generator/],
      ['tf.Tensor.prototype.unique', /^tf\.unique is not in convforge/],
    ] as const) {
      const at = path.lastIndexOf('.');
      const error = said(read(path.slice(0, at))?.[path.slice(at + 1)]);
      expect(error, path).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringMatching(text) });
      expect(error?.message).toMatch(/See docs\/from-tfjs\.md\.$/);
    }
    const x = tf.tensor([1]) as unknown as { unique(axis: number): void };
    expect(() => x.unique(0)).toThrow('tf.unique is not in convforge');
    const optimizer = tf.train.sgd(0.1) as unknown as { minimize(f: () => void): void };
    expect(() => optimizer.minimize(() => {})).toThrow('model.gradients(x, y)');
    expect(tf.layers.input).toBe(tf.input);
  });

  it("don't throw until they are called", () => {
    const Variable = tf.Variable as unknown as new () => object;
    expect(() => ({ ...tf, ...tf.layers, ...tf.browser })).not.toThrow();
    expect({} instanceof Variable).toBe(false);
    class Mine extends Variable {}
    expect(() => new Mine()).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    expect(tf.Variable.name).toBe('Variable');
  });

  it('are not in the types', () => {
    const types = tf as unknown as typeof typed;
    // @ts-expect-error Property 'variable' does not exist.
    expect(types.variable).toBeTypeOf('function');
    // @ts-expect-error Property 'lstm' does not exist.
    expect(types.layers.lstm).toBeTypeOf('function');
    // @ts-expect-error Property 'unique' does not exist.
    expect(types.tensor([1]).unique).toBeTypeOf('function');
  });

  it('replace nothing that convforge has', async () => {
    const own = (await import('../../lib/index.js')) as unknown as Record<string, Record<string, unknown>>;
    for (const [name, value] of Object.entries(own)) {
      const given = (tf as unknown as typeof own)[name];
      if (value === null || typeof value !== 'object') expect(given, name).toBe(value);
      else expect(given, name).toMatchObject({ ...value });
    }
  });
});

describe('the built package', () => {
  const path = temporaryFolder();

  it('has the same names through require and import', async () => {
    mkdirSync(path('node_modules'));
    symlinkSync(resolve('.'), path('node_modules/convforge'), 'junction');
    const told =
      "JSON.stringify(Object.keys(tf).filter((k) => !['default', 'module.exports', '__esModule'].includes(k)).sort())";
    const call = `try { tf.layers.lstm({ units: 4 }) } catch (e) { console.log(e.code, e.message) }`;
    const body = `console.log(${told}); ${call}; void { ...tf };`;
    const forms = {
      'names.cjs': `const tf = require('convforge'); ${body}`,
      'star.mjs': `import * as tf from 'convforge'; ${body}`,
      'default.mjs': `import tf from 'convforge'; ${body}`,
      'named.mjs': `import { lstm } from 'convforge'`,
    };
    for (const [file, text] of Object.entries(forms)) writeFileSync(path(file), text);
    const run = async (file: string) => (await promisify(execFile)(process.execPath, [path(file)])).stdout;
    const [required, star, byDefault] = await Promise.all(['names.cjs', 'star.mjs', 'default.mjs'].map(run));
    const [list, error] = required.split('\n');
    expect(JSON.parse(list)).toEqual(Object.keys(tf).sort());
    expect(error).toContain('UNSUPPORTED tf.layers.lstm is not in convforge');
    expect(star).toBe(required);
    expect(byDefault).toBe(required);
    await expect(run('named.mjs')).rejects.toThrow("does not provide an export named 'lstm'");
  });
});
