import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** The temporary project in which the tools are installed. */
export class Project {
  #versions;

  constructor(folder, versions) {
    this.folder = folder;
    this.#versions = versions;
  }

  versionOf(tool) {
    return this.#versions[tool] ?? process.versions.node;
  }

  path(...parts) {
    return resolve(this.folder, ...parts);
  }

  /** Runs Node in a folder of the project, or an absolute one. Returns whether it ended well, and its output. */
  node(args, { cwd = '.', env = {} } = {}) {
    const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
      cwd: this.path(cwd),
      env: { ...process.env, CI: '1', NO_COLOR: '1', CHECK_FOLDER: this.folder, ...env },
      encoding: 'utf8',
      timeout: 300_000,
    });
    return { isWell: status === 0, out: stdout, err: error ? String(error) : stderr };
  }
}
