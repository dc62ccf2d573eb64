import type { Command } from 'commander';
import { untilAborted } from '../aborts.js';
import { addCommand, type CommandContext } from './command.js';
import { describeFile } from './inspect/describe-file.js';
import type { Description, Port } from './inspect/description.js';

/** Adds `convforge inspect`. */
export function addInspect(program: Command, { signal, print }: CommandContext): void {
  addCommand(program, {
    usage: 'inspect <file>',
    summary: 'shows what is in a file of a model, and what can be done with it',
    description:
      'Shows the kind of a file, its writer, inputs, outputs, weights and layers or operations, and which of these this version lacks. Nothing of the file is run, and its weights are not read.',
    examples: [
      ['convforge inspect model.onnx', 'an ONNX model'],
      ['convforge inspect web-model --json', 'the folder of a model.json, as JSON'],
    ],
    notes: `Kinds, told by the contents:
  model.json    of TensorFlow.js: layers, or a graph of operations; or its folder
  .keras, .h5   models of Keras 3 and Keras 2
  .weights.h5   weights of Keras
  .onnx         ONNX models
  .safetensors  weights of PyTorch and others`,
  })
    .option('--json', 'print it as JSON')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const description = await untilAborted(describeFile(file), { signal });
      if (json)
        return print(JSON.stringify({ file, ...description, loads: description.undone.length === 0 }));
      for (const line of linesOf(description)) print(printable(line));
    });
}

/** Most things that can't be done to list; --json has all. */
const MAX_LISTED = 50;

function linesOf(description: Description): string[] {
  const { kind, writer, inputs, outputs, parameters, parts, counts, undone, open } = description;
  const rows: [string, string][] = [
    ['kind', kind],
    ['writer', writer],
    ...portRows('inputs', inputs),
    ...portRows('outputs', outputs),
    ['parameters', parameters?.toLocaleString('en-US') ?? 'unknown'],
    [parts, countsText(counts)],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(11)} ${value}`);
  if (undone.length === 0) return [...lines, `${'open it by'.padEnd(11)} ${open}`];
  const listed = undone.slice(0, MAX_LISTED).map(({ what, place, why }) => `  ${what} at ${place}: ${why}`);
  const rest = undone.length > MAX_LISTED ? [`  and ${undone.length - MAX_LISTED} more`] : [];
  return [
    ...lines,
    `It can't be opened; ${undone.length === 1 ? 'this is' : 'these are'} not here:`,
    ...listed,
    ...rest,
  ];
}

function portRows(name: string, ports: readonly Port[] = []): [string, string][] {
  return ports.map((port, i) => [i === 0 ? name : '', portText(port)]);
}

function portText({ name, type, shape }: Port): string {
  const sizes = shape ? `[${shape.map(String).join(', ')}]` : 'of unknown shape';
  return `${name} ${sizes}${type === undefined ? '' : ` ${type}`}`;
}

/** "Conv2D 3, Dense 1", the most frequent first. */
function countsText(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  return `${total}${entries.length > 0 ? ': ' : ''}${entries.map(([name, count]) => `${name} ${count}`).join(', ')}`;
}

/** Names are the file's: nothing but text may reach a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
