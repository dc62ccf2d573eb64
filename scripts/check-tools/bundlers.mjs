// Runs bundles of project/main.mjs or main.cjs: beside node_modules, away from it, and with convforge external.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [WORKS, TOLD] = ['works', 'error names the setting'];

/** Of a bundle that has convforge's code in it. */
const BUNDLED = { asItIs: WORKS, away: TOLD, external: WORKS };

/**
 * name: of the row, and for project/bundle.mjs; tool: its package; expected: what the bundle does in each
 * column, which stays empty without an expectation.
 */
export const BUNDLERS = [
  { name: 'webpack', tool: 'webpack', expected: BUNDLED },
  { name: 'esbuild, CommonJS', tool: 'esbuild', expected: BUNDLED },
  // Its `require` throws for Node's modules.
  { name: 'esbuild, ESM', tool: 'esbuild', expected: { ...BUNDLED, asItIs: TOLD } },
  { name: 'esbuild, ESM, with a require', tool: 'esbuild', expected: BUNDLED },
  { name: 'rollup, CommonJS', tool: 'rollup', expected: BUNDLED },
  { name: 'rollup, ESM', tool: 'rollup', expected: BUNDLED },
  // Leaves dependencies external.
  { name: 'vite SSR', tool: 'vite', expected: { asItIs: WORKS } },
  { name: 'vite SSR, noExternal: true', tool: 'vite', expected: BUNDLED },
  // It makes no bundle, but lists the files to be copied.
  { name: '@vercel/nft', tool: '@vercel/nft', expected: { away: WORKS } },
];

export function checkBundler(project, { name, tool, expected }) {
  const away = mkdtempSync(join(tmpdir(), 'convforge-away-'));
  const attempts = {
    asItIs: () => bundle(project, name, 'out') ?? run(project, project.path('out', name)),
    away: () => {
      if (tool === '@vercel/nft') return failedBuild(project.node(['trace.mjs', away])) ?? run(project, away);
      const built = project.path('out', name);
      if (existsSync(built)) cpSync(built, away, { recursive: true });
      return run(project, away);
    },
    external: () =>
      bundle(project, name, 'out-external', 'external') ?? run(project, project.path('out-external', name)),
  };
  try {
    const results = Object.entries(attempts).map(([column, attempt]) => {
      if (!(column in expected)) return { cell: '' };
      const { cell, details } = attempt();
      return cell === expected[column] ? { cell } : { cell: `**${cell}**`, details: `${column}: ${details}` };
    });
    const details = results.flatMap((result) => result.details ?? []).join('\n');
    return { cells: results.map(({ cell }) => cell), details };
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

/** Returns a failure, or undefined. */
function bundle(project, name, folder, ...flags) {
  return failedBuild(project.node(['bundle.mjs', name, join(folder, name), ...flags]));
}

function failedBuild({ isWell, out, err }) {
  return isWell ? undefined : { cell: 'is not built', details: `${out}\n${err}` };
}

/** Runs the program in a folder, as if it were on another machine: from that folder. */
function run(project, folder) {
  const names = ['bundle.mjs', 'bundle.cjs', 'main.mjs'];
  const program = join(folder, names.find((name) => existsSync(join(folder, name))) ?? names[0]);
  const { isWell, out, err } = project.node([program], { cwd: folder });
  const isTold = /: convforge is in a bundle, .*keep it external .*--external:convforge/.test(err);
  const cell = isWell && out.trim() === 'works' ? WORKS : !isWell && isTold ? TOLD : 'fails';
  return { cell, details: `${out}\n${err}` };
}
