// Runs the tests of project/suite.js in test runners.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const IMPORT = "import * as tf from 'convforge';\n";
const VITEST = `${IMPORT}import { expect, test } from 'vitest';\n`;

/**
 * name: of the row; tool: its package, node:test has none; head: the imports of the test file; file: its name;
 * args: of Node, to run it.
 */
export const RUNNERS = [
  {
    name: 'Jest, CommonJS',
    tool: 'jest',
    head: "const tf = require('convforge');\n",
    file: 'jest-cjs/suite.test.js',
    args: ['node_modules/jest/bin/jest.js', '--rootDir', 'jest-cjs'],
  },
  {
    name: 'Jest, ESM',
    tool: 'jest',
    head: IMPORT,
    file: 'jest-esm/suite.test.mjs',
    args: [
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      '--rootDir',
      'jest-esm',
      '--testMatch',
      '**/*.test.mjs',
    ],
  },
  ...['threads', 'forks', 'vmThreads', 'vmForks'].map((pool) => ({
    name: `vitest, ${pool}`,
    tool: 'vitest',
    head: VITEST,
    file: `vitest-${pool}/suite.test.js`,
    args: ['node_modules/vitest/vitest.mjs', 'run', '--dir', `vitest-${pool}`, '--pool', pool],
  })),
  {
    name: 'node:test',
    head: `${IMPORT}import { test } from 'node:test';\nimport { expect } from 'expect';\n`,
    file: 'node-test/suite.test.mjs',
    args: ['--test', 'node-test/suite.test.mjs'],
  },
];

export function checkRunner(project, { head, file, args }) {
  mkdirSync(project.path(file, '..'), { recursive: true });
  writeFileSync(project.path(file), head + readFileSync(project.path('suite.js'), 'utf8'));
  const { isWell, out, err } = project.node(args);
  if (isWell) return { cells: ['passes'] };
  return { cells: ['**fails**'], details: `${out}\n${err}` };
}
