import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from './compiler.js';

const EXPECTED = /^ *\/\/ @ts-expect-error (.+)$/;

describe('the compiler', () => {
  it('reports a misfit at the layer', () => {
    expect(expectMisfits('misfits.ts')).toBeGreaterThan(35);
  });

  it('reports nothing of sizes that are unknown, without strict either', () => {
    expect(expectMisfits('loose.ts', { strict: false })).toBe(2);
    expect(expectMisfits('loose.ts')).toBe(2);
  });

  it('needs few type instantiations for a model of 50 layers', () => {
    const ofNone = compile("import { sequential } from 'LIB';\nexport const net = sequential([]);");
    const ofFifty = compile(fiftyLayers());
    expect(ofNone.diagnostics).toEqual([]);
    expect(ofFifty.diagnostics).toEqual([
      expect.objectContaining({ message: expect.stringContaining('maxPooling2d: the input is 4096;') }),
    ]);
    expect(ofFifty.instantiations - ofNone.instantiations).toBeLessThan(100_000);
  });
});

/** Expects the errors that a fixture marks, with their messages, and no others; returns their number. */
function expectMisfits(name: string, options?: { strict: boolean }): number {
  const file = join(__dirname, 'fixtures', name);
  const source = readFileSync(file, 'utf8').replace('../../../lib/index.js', 'LIB');
  const expected = source
    .split('\n')
    .flatMap((text, i) =>
      EXPECTED.test(text) ? [{ line: i + 2, message: EXPECTED.exec(text)?.[1] ?? '' }] : [],
    );
  const { diagnostics } = compile(source.replaceAll('@ts-expect-error', 'expected:'), options);
  for (const { line, message } of expected) {
    const said = diagnostics.filter((each) => each.line === line).map((each) => each.message);
    expect(said, `line ${line}`).toEqual([expect.stringContaining(message)]);
  }
  expect(diagnostics).toHaveLength(expected.length);
  return expected.length;
}

/** Five stages of nine layers each, and a head: 50 layers, no two convolutions alike. */
function fiftyLayers(): string {
  const stage = (filters: number, stage: number) => [
    ...[0, 1, 2, 3].flatMap((i) => [
      `conv2d({filters: ${filters + i}, kernelSize: ${(i % 2) * 2 + 1}, padding: 'same'${stage + i === 0 ? ', inputShape: [224, 224, 3]' : ''}})`,
      'batchNormalization()',
    ]),
    'maxPooling2d()',
  ];
  const head = [
    "conv2d({filters: 512, kernelSize: 3, padding: 'same'})",
    'flatten()',
    'dense({units: 4096})',
    'dropout({rate: 0.5})',
    'maxPooling2d()',
  ];
  const lines = [...[61, 125, 253, 509, 509].flatMap(stage), ...head];
  return `import { layers, sequential } from 'LIB';\nexport const net = sequential([\n${lines.map((line) => `layers.${line},`).join('\n')}\n]);`;
}
