import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

/** Compiles lib/ to dist/, which the tests load (vitest.config.ts), before each run. */
export default function compileBeforeRuns(project: TestProject): void {
  compile();
  project.onTestsRerun(async () => compile());
}

function compile(): void {
  execFileSync('npm', ['run', '--silent', 'compile'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
