import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { blocksOf, readPage } from './blocks.js';
import { fill, node, valuesFor, IMPORTS } from './workspace.js';

/* docs/troubleshooting.md: it has every code, and each of its programs fails with the message that follows it. */

const PAGE = 'docs/troubleshooting';
const blocks = blocksOf(readPage(PAGE));
const failing = blocks.flatMap(({ language, heading, code }, i) =>
  language === 'text' ? [{ heading, program: blocks[i - 1].code, message: code.trim() }] : [],
);

const path = temporaryFolder();
beforeEach(() => fill(path('')));

function module(program: string): string {
  const values = valuesFor(3).replaceAll("readBytes('photos/cats/0.png')", 'undefined');
  return `import * as tf from 'convforge';${IMPORTS}
{
${values}
try {
  await (async () => {
${program}
  })();
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
}
`;
}

describe('docs/troubleshooting.md', () => {
  it('has every code of errors, and no other', () => {
    const codes = [...readFileSync('lib/errors.ts', 'utf8').matchAll(/^ {2}\| '([A-Z_]+)'/gm)];
    const told = [...readPage(PAGE).matchAll(/^\| `([A-Z_]+)` \|/gm)];
    expect(told.map(([, code]) => code).sort()).toEqual(codes.map(([, code]) => code).sort());
  });

  it('has programs for several messages', () => expect(failing.length).toBeGreaterThan(6));

  it.each(failing)(
    'quotes what happens: $heading',
    async ({ heading, program, message }) => {
      writeFileSync(path('page.mts'), module(program));
      const output = await node(path(''), resolve('node_modules/tsx/dist/cli.mjs'), path('page.mts'));
      const thrown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
      expect(thrown.message).toContain(message);
      if (/^[A-Z_]+$/.test(heading)) expect(thrown.code).toBe(heading);
    },
    60_000,
  );
});
