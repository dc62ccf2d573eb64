import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { NETWORKS } from '../networks/index.js';
import type { Network } from '../networks/network.js';
import { KERNEL_SHAPES, type KernelShape } from '../support/kernel-shapes.js';
import { hasText, type Named, noSuch } from '../support/select.js';
import { SELF, type Work } from './peer.js';
import { PEERS } from './peers.js';
import { pick } from './pick.js';
import { SETUP_PARTS } from './setup.js';

export const HELP = `Usage: npm run bench:peers -- [options]
       npm run bench:peers -- --setup [part ...]
       npm run bench:peers -- --report [--readme] [file ...]

Measures the same work in convforge and in its peers, one after another, and compares them.

Single operations and whole networks are measured in turns: each peer once, shape by shape, so that the
machine's drift affects all alike. Their tables have the median of the ratios of all turns, convforge's
speed to the peer's, and the quartiles of these ratios. The LeNet of --work lenet is measured in rounds.

  --work a,b         lenet (in many libraries), kernels (single operations), networks (all)
  --only TEXT        only the networks and shapes whose name has the text at the start of a word
  --peers a,b        the peers to measure besides convforge; "oneDNN" is all of its versions (all)
  --threads a,b      the numbers of threads (1 and all processors)
  --turns N          number of turns for each shape, and for each task of a network (9); 0 only prepares
                     the networks: it exports, compiles and compares outputs
  --rounds N         number of rounds, whose repeats are pooled (3)
  --output FILE      results as JSON (convforge-out/bench-peers.json)
  --report           prints the networks' tables of earlier runs together, and measures nothing
  --readme           also writes the README's table of networks and docs/networks.svg
  --setup            installs peers into their folder, or only the parts that are named:
                     ${SETUP_PARTS.map(({ name }) => name).join(', ')}

The folder of the peers is CONVFORGE_PEERS, or else bench-peers. CONVFORGE_ISA=avx2 holds oneDNN to AVX2
too.
`;

const WORKS: readonly Work[] = ['lenet', 'kernels', 'networks'];

const OUTPUT = path.join('convforge-out', 'bench-peers.json');

export interface PeersOptions {
  help: boolean;
  setup: boolean;
  report: boolean;
  readme: boolean;
  /** The parts to set up, or the files to report. */
  names: readonly string[];
  rounds: number;
  turns: number;
  threads: readonly number[];
  works: readonly Work[];
  shapes: readonly KernelShape[];
  networks: readonly Network[];
  peers: readonly string[];
  output: string;
}

/** Throws an Error for an option that is wrong. */
export function readOptions(args: readonly string[]): PeersOptions {
  const names = PEERS.map(({ name }) => name);
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      setup: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      turns: { type: 'string', default: '9' },
      threads: { type: 'string', default: [...new Set([1, os.availableParallelism()])].join() },
      only: { type: 'string', default: '' },
      work: { type: 'string', default: WORKS.join() },
      peers: { type: 'string', default: names.join() },
      output: { type: 'string', default: OUTPUT },
    },
  });
  const { help, setup, report, readme, output } = values;
  if (positionals.length > 0 && !setup && !report) throw new Error(`${positionals[0]} is not an option`);
  return {
    ...{ help, setup, report, readme, output },
    names: report && positionals.length === 0 ? [OUTPUT] : positionals,
    rounds: whole('rounds', values.rounds, 1),
    turns: whole('turns', values.turns, 0),
    threads: values.threads.split(',').map((text) => whole('threads', text, 1)),
    peers: pick('peers', values.peers, names).filter((name) => name !== SELF),
    ...select(pick('work', values.work, WORKS), values.only),
  };
}

function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (text === '' || !Number.isInteger(number) || number < least)
    throw new Error(`--${option} ${text} is not a number of ${option}`);
  return number;
}

/** The work that has something with the text in its name, and what has it. Throws if nothing has. */
export function select(
  works: readonly Work[],
  text: string,
): Pick<PeersOptions, 'works' | 'shapes' | 'networks'> {
  const shapes = works.includes('kernels') ? KERNEL_SHAPES.filter((each) => hasText(each, text)) : [];
  const networks = works.includes('networks') ? NETWORKS.filter((each) => hasText(each, text)) : [];
  const has = {
    lenet: hasText({ name: 'LeNet' }, text),
    kernels: shapes.length > 0,
    networks: networks.length > 0,
  };
  const selected = works.filter((work) => has[work]);
  if (selected.length === 0) {
    const known: Record<Work, readonly Named[]> = {
      lenet: [{ name: 'LeNet' }],
      kernels: KERNEL_SHAPES,
      networks: NETWORKS,
    };
    throw noSuch(
      `--only ${text}`,
      [],
      works.flatMap((work) => known[work]),
    );
  }
  return { works: selected, shapes, networks };
}
