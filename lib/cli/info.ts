import os from 'node:os';
import { engineInfo } from '../program/native-engine.js';
import type { EngineInfo } from '../program/addon.js';
import { readOptions } from './arguments.js';

export const INFO_HELP = `Usage: convforge info

Shows what computes on this machine: version, instruction set and why, threads, and how the addon was built.
`;

/** `convforge info`. Throws UsageError, ADDON_UNAVAILABLE. */
export function info(args: readonly string[], print: (line: string) => void = console.log): void {
  if (readOptions(args, { help: 'flag' }).help !== undefined) {
    print(INFO_HELP.trimEnd());
    return;
  }
  for (const [name, value] of describe(engineInfo())) print(`${name.padEnd(16)} ${value}`);
}

function describe(engine: EngineInfo): [string, string][] {
  return [
    ['convforge', engine.version],
    ['instruction set', `${engine.isa} (${engine.isaReason})`],
    ['can run', engine.supported.join(', ')],
    ['threads', String(engine.threads)],
    ['parallel', engine.parallel],
    ['built with', `${engine.compiler}, Node-API ${engine.napi}`],
    [
      'running on',
      `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    ],
  ];
}
