import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConvforgeError, io, layers, loadLayersModel, models, sequential } from '../../lib/index.js';
import { parseJson } from '../../lib/io/read-model-json.js';
import { expectError } from '../support/convforge-error.js';
import { CONV, Victim } from './victim.js';

describe('JSON of Python', () => {
  it.each([
    ['[NaN, Infinity, -Infinity]', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['{"a":Infinity,"b":{"c":[-Infinity]}}', { a: 1 / 0, b: { c: [-1 / 0] } }],
    ['NaN', Number.NaN],
    ['\n\t-Infinity\n', -1 / 0],
    [
      '["NaN", "-Infinity", "a \\" NaN, Infinity \\\\", NaN]',
      ['NaN', '-Infinity', 'a " NaN, Infinity \\', Number.NaN],
    ],
    ['{"NaN": 1, "Infinity": Infinity}', { NaN: 1, Infinity: 1 / 0 }],
    ['["\\u0001numbers", NaN]', ['\u0001numbers', Number.NaN]],
    ['{"__proto__": NaN}', JSON.parse('{"__proto__": 0}', (key, value) => (key === '' ? value : Number.NaN))],
  ])('%s', (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  it.each([
    '[nan]',
    '[inf]',
    '[-NaN]',
    '[+Infinity]',
    '[--Infinity]',
    '[1Infinity]',
    '[1.Infinity]',
    '[Infinity0]',
    '[Infinity.5]',
    '[Infinitye5]',
    '[NaNNaN]',
    '[xNaN]',
    '[NaN',
    '["NaN]',
    '{NaN: 1}',
    '[NaN "\\',
    '"\\',
    'NaN NaN',
  ])('%s is refused', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('with millions of such numbers, or nested too deeply, is refused', () => {
    expect(() => parseJson(`[${'NaN,'.repeat(1e6)}0]`)).toThrow(/more than 100000 numbers/);
    const deep = `${'['.repeat(1e6)}NaN${']'.repeat(1e6)}`;
    expect(() => parseJson(deep)).toThrow(Error);
  });

  // In quadratic time, this takes hours.
  it('is parsed in linear time', () => {
    expect(() => parseJson(`["${'\\"'.repeat(4e6)}`)).toThrow(SyntaxError);
    expect(() => parseJson('"'.repeat(8e6))).toThrow(SyntaxError);
    expect(() => parseJson('-'.repeat(8e6))).toThrow(SyntaxError);
  });
});

describe('a model with numbers that are not finite', () => {
  const victim = new Victim();
  const literal = (text: string) => (json: string) => json.replace('"@"', text);

  it.each(['NaN', 'Infinity', '-Infinity'])('loads with %s in an ignored field', async (text) => {
    await victim.damage('modelTopology.score', '@', literal(text));
    expect((await loadLayersModel(victim.folder)).name).toBe('victim');
  });

  it('loads an infinite limit as no limit', async () => {
    const model = sequential({ layers: [layers.reLU({ maxValue: 3, inputShape: [2] })] });
    const json = model.toJSON().replace('"max_value":3', '"max_value":Infinity');
    const read = await models.modelFromJSON(json);
    expect(read.toJSON()).not.toContain('max_value');
  });

  it('keeps them when it comes from a handler', async () => {
    const model = sequential({ layers: [layers.rescaling({ scale: 3, inputShape: [2] })] });
    const modelTopology = model.toJSON(null, false) as Record<string, never>;
    const changed = JSON.parse(JSON.stringify(modelTopology), (key, value) =>
      key === 'scale' ? 1 / 0 : value,
    );
    await expectError(
      () => loadLayersModel(io.fromMemory({ modelTopology: changed })),
      'CORRUPT_FILE',
      /scale is Infinity/,
    );
  });

  it('loads or gives a typed error, whichever number is replaced', async () => {
    const original = await readFile(victim.file('model.json'), 'utf8');
    const numbers = [...original.matchAll(/(?<=[:,[])-?\d+(\.\d+)?(e-?\d+)?(?=[,\]}])/g)];
    expect(numbers.length).toBeGreaterThan(30);
    for (const { 0: number, index } of numbers) {
      for (const text of ['NaN', 'Infinity', '-Infinity']) {
        const changed = original.slice(0, index) + text + original.slice(index + number.length);
        await writeFile(victim.file('model.json'), changed);
        const error = await loadLayersModel(victim.folder).then(
          () => undefined,
          (reason) => reason,
        );
        const place = original.slice(Math.max(0, index - 40), index);
        if (error) {
          expect(error, place).toBeInstanceOf(ConvforgeError);
          expect(error.code, place).toMatch(/CORRUPT_FILE|UNSUPPORTED|TOO_LARGE/);
        }
      }
    }
  });

  it.each([
    [`${CONV}.config.filters`, 'filters is NaN'],
    [`${CONV}.config.kernel_size`, 'NaN'],
    [`${CONV}.config.batch_input_shape`, 'NaN'],
  ])('is refused with NaN for %s', async (path, message) => {
    await victim.damage(path, '@', literal('NaN'));
    await victim.refuses('CORRUPT_FILE', message);
  });
});
