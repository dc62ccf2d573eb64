import os from 'node:os';
import type { Command } from 'commander';
import { engineInfo } from '../program/native-engine.js';
import type { EngineInfo } from '../program/addon.js';
import { addCommand, type CommandContext } from './command.js';

/** Adds `convforge info`. */
export function addInfo(program: Command, { print }: CommandContext): void {
  addCommand(program, {
    usage: 'info',
    summary: 'shows what computes on this machine',
    description:
      'Shows what computes on this machine: version, instruction set and why, threads, and how the addon was built.',
    examples: [
      ['convforge info', 'the list'],
      ['CONVFORGE_ISA=avx2 convforge info --json', 'with another instruction set, as JSON'],
    ],
    notes: `Environment:
  CONVFORGE_ISA      scalar, avx2, avx512 or neon: the instruction set, instead of the best one
  CONVFORGE_THREADS  number of threads; else OMP_NUM_THREADS, else all processors`,
  })
    .option('--json', 'print it as JSON')
    .action(({ json }: { json?: boolean }) => {
      const engine = engineInfo();
      if (json)
        return print(JSON.stringify({ ...engine, node: process.versions.node, processor: processor() }));
      for (const [name, value] of describe(engine)) print(`${name.padEnd(16)} ${value}`);
    });
}

function describe(engine: EngineInfo): [string, string][] {
  return [
    ['convforge', engine.version],
    ['instruction set', `${engine.isa} (${engine.isaReason})`],
    ['can run', engine.supported.join(', ')],
    ['threads', String(engine.threads)],
    ['parallel', engine.parallel],
    ['built with', `${engine.compiler}, Node-API ${engine.napi}`],
    ['running on', `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${processor()}`],
  ];
}

function processor(): string {
  return os.cpus()[0]?.model.trim() ?? 'unknown processor';
}
