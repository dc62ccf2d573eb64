import type { Command } from 'commander';
import { untilAborted } from '../aborts.js';
import { addCommand, type CommandContext } from './command.js';
import { KNOWN_SETS } from './known-sets.js';

/** Adds `convforge datasets`. */
export function addDatasets(program: Command, { signal, print }: CommandContext): void {
  addCommand(program, {
    usage: 'datasets',
    summary: 'lists the known datasets, and whether they are here',
    description:
      'Lists the datasets that train and evaluate know by name: where each was looked for, whether it is there, and how to get it.',
    examples: [
      ['convforge datasets', 'the list'],
      ['CONVFORGE_DATA=/data convforge datasets --json', 'what is in a folder of your own, as JSON'],
    ],
    notes: `Environment:
  CONVFORGE_DATA   a folder of datasets; nothing else is searched then
  CONVFORGE_CACHE  where downloads are kept, instead of the system's cache folder`,
  })
    .option('--json', 'print the list as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const found = KNOWN_SETS.map(async (set) => ({ set, folder: await set.find() }));
      const all = await untilAborted(Promise.all(found), { signal });
      const rows = all.map(({ set: { name, about, getting, places }, folder }) => ({
        name,
        about,
        folder: folder ?? null,
        searched: places(),
        ...(folder === undefined && { getting }),
      }));
      if (json) return print(JSON.stringify(rows));
      const width = Math.max(...rows.map(({ name }) => name.length));
      for (const { name, about, folder, searched, getting } of rows) {
        const indent = ' '.repeat(width + 2);
        print(`${name.padEnd(width)}  ${about}`);
        if (folder !== null) print(`${indent}here: ${folder}`);
        else
          print(
            `${indent}not here${searched.length > 0 ? ` (looked in ${searched.join(', ')})` : ''}: ${getting}`,
          );
      }
    });
}
