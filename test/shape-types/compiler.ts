import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

export interface Diagnostic {
  /** From 1. */
  line: number;
  message: string;
}

export interface Compiled {
  diagnostics: readonly Diagnostic[];
  /**
   * The number of type instantiations, on which the compiler's time depends. Includes those of the library.
   */
  instantiations: number;
}

/**
 * Checks a program of one file with the project's options and these. `LIB` in it stands for the path of
 * lib/index.js.
 */
export function compile(source: string, { strict = true } = {}): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'convforge-types-'));
  try {
    const options = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { strict, typeRoots: [join(ROOT, 'node_modules/@types')], noUnusedLocals: false },
      include: ['program.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
    writeFileSync(join(folder, 'program.ts'), source.replaceAll('LIB', join(ROOT, 'lib/index.js')));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const flags = ['--project', folder, '--extendedDiagnostics', '--singleThreaded', '--pretty', 'false'];
    const { stdout } = spawnSync(process.execPath, [tsc, ...flags], { encoding: 'utf8', cwd: folder });
    return { diagnostics: readDiagnostics(stdout), instantiations: readCount(stdout, 'Instantiations') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * "program.ts(3,5): error TS2322: ...", each followed by lines that are indented. The library itself is
 * checked elsewhere.
 */
function readDiagnostics(output: string): Diagnostic[] {
  const found = output.matchAll(/^program\.ts\((\d+),\d+\): error TS\d+: (.*(?:\n {2}.*)*)$/gm);
  return [...found].map(([, line, message]) => ({ line: Number(line), message }));
}

function readCount(output: string, name: string): number {
  const [, count] = new RegExp(`^${name}: +(\\d+)`, 'm').exec(output) ?? [];
  if (count === undefined) throw new Error(`tsc said nothing of ${name}:\n${output}`);
  return Number(count);
}
