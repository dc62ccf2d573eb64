import { readdirSync, readFileSync } from 'node:fs';

/** A code block of a Markdown text. */
export interface Block {
  /** What stands behind the fence; 'indented' for a block of lines that begin with four spaces. */
  language: string;
  code: string;
  /** The heading of the block's part: what begins with "## ", or the title. */
  heading: string;
}

/** The code blocks under one heading, which share a scope. */
export interface Section {
  heading: string;
  code: string;
}

/** README and all pages of docs/, without their ending. */
export const PAGES = [
  'README',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.slice(0, -3)}`),
];

export function readPage(page: string): string {
  return readFileSync(`${page}.md`, 'utf8');
}

/** The code blocks of a Markdown text, in order. */
export function blocksOf(markdown: string): Block[] {
  return markdown.split(/^##? (?=.*\n)/m).flatMap((part) => {
    const heading = part.slice(0, part.indexOf('\n'));
    const rest = part.slice(part.indexOf('\n'));
    const block = /^```(\w*)\n([\s\S]*?)^```$|(?<=\n\n)((?: {4}.*\n)(?:(?: {4}.*)?\n)*(?: {4}.*\n)?)/gm;
    return [...rest.matchAll(block)].flatMap(([, language, fenced, indented]) => {
      if (indented === undefined) return [{ language, code: fenced, heading }];
      return [{ language: 'indented', code: `${indented.replace(/^ {4}/gm, '').trimEnd()}\n`, heading }];
    });
  });
}

/** The TypeScript of each part of a page. */
export function sectionsOf(markdown: string): Section[] {
  const sections = new Map<string, string>();
  for (const { language, heading, code } of blocksOf(markdown)) {
    if (language === 'ts') sections.set(heading, `${sections.get(heading) ?? ''}${code}`);
  }
  return [...sections].map(([heading, code]) => ({ heading, code }));
}

/** An import, with any comment behind it. */
const IMPORT = /^import .+ from '.+';.*\n/gm;

/**
 * A module of the sections, each as a function that prints when it is done. It has their imports once, then
 * `prelude`. `names` gives what a section finds outside of its own scope.
 */
export function moduleOf(
  sections: readonly Section[],
  prelude = '',
  names: (heading: string) => string = () => '',
): string {
  const functions = sections.map(
    ({ heading, code }) =>
      `await (async () => {${names(heading)}
await (async () => {\n${code.replace(IMPORT, '')}\n})();
console.log(${JSON.stringify(`DONE ${heading}`)});\n})();\n`,
  );
  const imports = sections.flatMap(({ code }) => code.match(IMPORT) ?? []);
  const convforge = "import * as tf from 'convforge';\n";
  const others = new Set(imports.filter((line) => !line.startsWith(convforge.trimEnd())));
  return `${convforge}${[...others].join('')}${prelude}\n${functions.join('\n')}`;
}

export interface File {
  name: string;
  code: string;
}

/**
 * The files that JavaScript blocks hold: each begins with a comment of its name, such as `// train.mjs`. A
 * block without one is a file of its own.
 */
export function filesOf(markdown: string): File[] {
  const blocks = blocksOf(markdown).filter(({ language }) => language === 'js');
  return blocks.flatMap(({ code }, i) =>
    code.split(/^(?=\/\/ [\w.-]+\.m?js\b)/m).map((part) => {
      const name = /^\/\/ ([\w.-]+\.m?js)\b/.exec(part)?.[1] ?? `block-${i}.mjs`;
      return { name, code: part };
    }),
  );
}
