import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Two network namespaces of Linux, joined by a pair of virtual devices, which act as two hosts. Takes root. */
export interface TwoHosts {
  addresses: readonly string[];
  devices: readonly string[];
  /** The words before a command that is to run on a host. */
  on(host: number): string[];
  /** A program that mpirun calls as it calls ssh. */
  agent: string;
  remove(): void;
}

const NAMES = ['convforge-a', 'convforge-b'];
const DEVICES = ['cfa', 'cfb'];
const ADDRESSES = ['10.77.0.1', '10.77.0.2'];

/** Makes the hosts. `gbit` limits what each sends, in Gbit/s; 0 doesn't. The agent is written to `folder`. */
export function makeHosts(folder: string, gbit: number): TwoHosts {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  for (const name of NAMES) ip('netns', 'add', name);
  ip('link', 'add', DEVICES[0], 'netns', NAMES[0], 'type', 'veth', 'peer', DEVICES[1], 'netns', NAMES[1]);
  for (const [i, name] of NAMES.entries()) {
    ip('-n', name, 'address', 'add', `${ADDRESSES[i]}/24`, 'dev', DEVICES[i]);
    for (const device of ['lo', DEVICES[i]]) ip('-n', name, 'link', 'set', device, 'up');
    if (gbit === 0) continue;
    const limit = ['tbf', 'rate', `${gbit}gbit`, 'burst', '256kb', 'latency', '20ms'];
    execFileSync('tc', ['-n', name, 'qdisc', 'add', 'dev', DEVICES[i], 'root', ...limit]);
  }
  // mpirun tells its daemons apart by the names of their hosts.
  const on = (host: number) => [
    ...['ip', 'netns', 'exec', NAMES[host], 'unshare', '--uts'],
    ...['sh', '-c', `hostname ${NAMES[host]}; exec "$@"`, 'sh'],
  ];
  const agent = path.join(folder, 'agent.sh');
  const quoted = on(1).map((word) => `'${word}'`);
  writeFileSync(agent, `#!/bin/sh\nshift\nexec ${quoted.join(' ')} sh -c "$*"\n`, { mode: 0o755 });
  const remove = () => {
    for (const name of NAMES) ip('netns', 'delete', name);
  };
  return { addresses: ADDRESSES, devices: DEVICES, on, agent, remove };
}
