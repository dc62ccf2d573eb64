import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blocksOf, PAGES, readPage } from './blocks.js';

/*
 * The commands in README, CONTRIBUTING and docs, in blocks and in the text: commands of convforge, with their
 * options, npm's scripts, and files that node, tsx and bash run, all exist.
 */

const CLI = resolve('dist/cli/main.js');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Programs that other people wrote. Those whose arguments are checked have a function below. */
const OTHERS = [
  'curl',
  'apt-get',
  'apk',
  'dnf',
  'xcode-select',
  'cd',
  'mkdir',
  'cmake',
  'taskset',
  'mpirun',
  'export',
];

/** Files that a page's reader has written, or that a build makes. */
const NOT_HERE = [/^build[-/]/, /^(train|predict|serve|server)\.mjs$/, /^package$/];

const helps = new Map<string, string>();

function helpOf(command: string): string {
  const known = helps.get(command);
  if (known !== undefined) return known;
  const { status, stdout } = spawnSync(process.execPath, [CLI, command, '--help'], { encoding: 'utf8' });
  const help = status === 0 ? stdout : '';
  helps.set(command, help);
  return help;
}

/** What is wrong with the words of one command. */
function problemsOf(words: readonly string[]): string[] {
  const [program, first, ...rest] = words;
  if (program === 'convforge') return convforgeProblems(first, rest);
  if (program === 'npx' || program === 'nice') return first === undefined ? [] : problemsOf([first, ...rest]);
  if (program === 'npm') return npmProblems(first, rest);
  if (program === 'node' || program === 'tsx' || program === 'bash') return fileProblems([first, ...rest]);
  if (program === 'vitest') return rest.filter((word) => word.startsWith('test/') && !existsSync(word));
  if (program === 'esbuild' || OTHERS.includes(program)) return [];
  return existsSync(program) || NOT_HERE.some((made) => made.test(program)) ? [] : [`unknown: ${program}`];
}

function convforgeProblems(command: string | undefined, rest: readonly string[]): string[] {
  if (command === undefined || command === '--help' || /^[<[.…]/.test(command)) return [];
  const help = helpOf(command);
  if (help === '') return [`convforge has no command '${command}'`];
  const options = rest.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
  return options
    .filter((option) => !new RegExp(`(^|[\\s,])${option}(?![\\w-])`, 'm').test(help))
    .map((option) => `convforge ${command} has no option ${option}`);
}

/** npm's own commands that the pages name. */
const NPM = ['install', 'ci', 'init', 'pkg', 'pack', 'publish', 'login', 'version', 'audit', 'view', 'trust'];

function npmProblems(command: string | undefined, rest: readonly string[]): string[] {
  if (command === undefined || NPM.includes(command)) return [];
  if (command === 'start' || command === 'test') return command in scripts ? [] : [`no script ${command}`];
  const name = rest.find((word) => !word.startsWith('-'));
  if (command !== 'run' || name === undefined) return [`unknown: npm ${command}`];
  return name in scripts ? [] : [`package.json has no script ${name}`];
}

function fileProblems(words: readonly (string | undefined)[]): string[] {
  const file = words.find((word) => word !== undefined && !word.startsWith('-'));
  if (file === undefined || existsSync(file) || NOT_HERE.some((made) => made.test(file))) return [];
  return [`no file ${file}`];
}

/** The commands of a shell text, each as its words, without comments, variables and what is piped to files. */
function commandsOf(text: string): string[][] {
  return text
    .replace(/\\\n/g, ' ')
    .split(/\n|&&|\||;/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .map((line) => [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word))
    .map((words) => words.slice(words.findIndex((word) => !/^\w+=/.test(word))))
    .filter(([program]) => program !== undefined && !/^\w+=/.test(program));
}

/** Whether an indented block holds commands; others hold formulas and messages. */
const IS_COMMAND = /^(\w+=\S+ )*(npm|npx|node|convforge|bash|cmake|curl|build-bench)\b/;

/** The commands in a page's blocks and in its text. */
function commandsIn(markdown: string): string[][] {
  const blocks = blocksOf(markdown)
    .filter(({ language, code }) => language === 'bash' || (language === 'indented' && IS_COMMAND.test(code)))
    .map(({ code }) => code);
  const text = markdown.replace(/^```[\s\S]*?^```$/gm, '').replace(/`([^`\n]*)\n([^`]*)`/g, '`$1 $2`');
  const spans = [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, span]) => span)
    .filter((span) => /^(npx|npm (run|start|test)|convforge(?! is )|node [\w./-]+\.m?js) ?/.test(span));
  return [...blocks, ...spans].flatMap(commandsOf);
}

describe.each([...PAGES, 'CONTRIBUTING'])('%s.md', (page) => {
  it('names commands, options, scripts and files that exist', () => {
    const problems = commandsIn(readPage(page)).flatMap((words) =>
      problemsOf(words).map((problem) => `${words.join(' ')}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });
});

describe('the check of commands', () => {
  it('finds what does not exist', () => {
    const text = [
      '    npx convforge trian',
      '',
      '```bash',
      'FOO=1 npx convforge train --epoch 3 && npm run bnech -- --quick',
      'npx tsx examples/tutrial.ts # a comment',
      '```',
      'Run `npx convforge info --no` or `npm run docs`.',
    ].join('\n');
    const problems = commandsIn(`# Title\n\n${text}\n`).flatMap(problemsOf);
    expect(problems).toEqual([
      "convforge has no command 'trian'",
      'convforge train has no option --epoch',
      'package.json has no script bnech',
      'no file examples/tutrial.ts',
      'convforge info has no option --no',
    ]);
  });
});
