/** A document's code: the ts blocks under one heading, which share a scope. */
export interface Section {
  heading: string;
  code: string;
}

/** The sections of a Markdown text that have TypeScript blocks. */
export function sectionsOf(markdown: string): Section[] {
  return markdown.split(/^## /m).flatMap((part) => {
    const blocks = [...part.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
    const heading = part.slice(0, part.indexOf('\n'));
    return blocks.length > 0 ? [{ heading, code: blocks.join('\n') }] : [];
  });
}

/** An import, with any comment behind it. */
const IMPORT = /^import .+ from '.+';.*\n/gm;

/** A module that runs all sections, each as a function, and prints when each is done. It has their imports once. */
export function moduleOf(sections: readonly Section[], prelude: string): string {
  const functions = sections.map(
    ({ heading, code }) =>
      `await (async () => {\n${code.replace(IMPORT, '')}\nconsole.log(${JSON.stringify(`DONE ${heading}`)});\n})();\n`,
  );
  const imports = sections.flatMap(({ code }) => code.match(IMPORT) ?? []);
  const convforge = "import * as tf from 'convforge';\n";
  const others = new Set(imports.filter((line) => !line.startsWith(convforge.trimEnd())));
  return `${convforge}${[...others].join('')}${prelude}\n${functions.join('\n')}`;
}
