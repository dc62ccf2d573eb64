import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, type Diagnostic } from '../shape-types/compiler.js';

/*
 * In docs/types.md, `// error: message` behind or below a line is the compiler's message for it, and
 * `// name: Type` below a line the type that it shows of a constant. Long messages continue at `//   `.
 * Everything else must compile.
 */

const markdown = readFileSync(resolve('docs/types.md'), 'utf8');
const blocks = (language: string) =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text,
  );

const ERROR = /\/\/ error: (.+)$/;
const SHOWN = /^\/\/ (\w+): (.+)$/;

/** The page's code. A shown type is tested by an assignment to null, whose error names the type. */
const lines = blocks('ts')
  .join('')
  .replace(/\n *\/\/ {3}(?=\S)/g, ' ')
  .replace(/\n *(?=\/\/ error: )/g, ' ')
  .replace("from 'convforge'", "from 'LIB'")
  .replace(/^\/\/ (\w+): .+$/gm, (line, name) => `${line}\nexport const _${name}: null = ${name};`)
  .trimEnd()
  .split('\n');

describe('docs/types.md', () => {
  const { diagnostics } = compile(`${lines.join('\n')}\nexport {};\n`);
  const at = (line: number) => diagnostics.filter((each: Diagnostic) => each.line === line);

  it('has exactly the errors and types that the compiler reports', () => {
    const expected = lines.flatMap((text, i) => {
      const [, error] = ERROR.exec(text) ?? [];
      const [, , type] = SHOWN.exec(text) ?? [];
      if (error) return [{ line: i + 1, message: error }];
      return type ? [{ line: i + 2, message: `Type '${type}' is not assignable to type 'null'` }] : [];
    });
    expect(expected.length).toBeGreaterThan(12);
    for (const { line, message } of expected) {
      const said = at(line).map((each) => each.message);
      expect(said, lines[line - 1]).toEqual([expect.stringContaining(message)]);
    }
    expect(diagnostics).toHaveLength(expected.length);
  });

  it('quotes compiler messages completely', () => {
    const [quoted, ...none] = blocks('text');
    expect(none).toEqual([]);
    expect(diagnostics.map(({ message }) => message)).toContain(quoted.trim());
  });
});
