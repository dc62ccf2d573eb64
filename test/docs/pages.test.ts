import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { blocksOf, filesOf, moduleOf, PAGES, readPage, type Section, sectionsOf } from './blocks.js';
import { fill, IMPORTS, NAMES, node, shortened, typeCheck, valuesFor } from './workspace.js';

/*
 * README and docs: the TypeScript and JavaScript in them is type-checked as it stands. All but
 * NOT_RUN also runs, on a small set in the place of Fashion-MNIST. commands.test.ts checks the commands, types.test.ts
 * docs/types.md, programs.test.ts the pages whose programs are files.
 */

/** Pages whose examples don't run here, and why. */
const NOT_RUN: Record<string, string> = {
  'docs/types': 'types.test.ts compiles it, with its errors',
  'docs/troubleshooting': 'troubleshooting.test.ts runs it, with its errors',
  'docs/report': 'reads the reports of other trainings; test/report runs what it describes',
};

/** Pages whose sections go on from each other, as one program. */
const WHOLE = ['docs/convolutional-networks'];

/** Languages that are not checked here, and why. */
const UNCHECKED: Record<string, string> = {
  bash: 'commands.test.ts checks the commands',
  indented: 'commands.test.ts checks those of commands; the others are formulas and messages',
  text: 'messages and outputs, which troubleshooting.test.ts and types.test.ts compare where they are exact',
  python: "Keras's side of a comparison",
  dockerfile: 'needs Docker',
  yaml: "Electron's configuration",
};

const folder = temporaryFolder();
beforeEach(() => fill(folder('')));

const withTypeScript = PAGES.filter((page) => sectionsOf(readPage(page)).length > 0);

function partsOf(page: string): Section[] {
  const sections = sectionsOf(readPage(page));
  if (!WHOLE.includes(page)) return sections;
  return [{ heading: 'page', code: sections.map(({ code }) => code).join('') }];
}

describe('README and docs', () => {
  it('have TypeScript that type-checks', async () => {
    const files = withTypeScript
      .filter((page) => page !== 'docs/types')
      .map((page) => {
        const name = `${basename(page)}.mts`;
        writeFileSync(folder(name), moduleOf(partsOf(page), NAMES));
        return name;
      });
    const strict = { noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
    await typeCheck(folder(''), files, strict);
  }, 120_000);

  it('have JavaScript that type-checks', async () => {
    const files = PAGES.flatMap((page) =>
      filesOf(readPage(page)).map(({ name, code }) => {
        const unique = `${basename(page)}-${name}`;
        writeFileSync(folder(unique), code);
        return unique;
      }),
    );
    await typeCheck(folder(''), files, { allowJs: true, checkJs: true, strict: false });
  }, 120_000);

  it('have JSON that parses, and blocks of known languages alone', () => {
    for (const page of PAGES) {
      for (const { language, code } of blocksOf(readPage(page))) {
        if (language === 'json') expect(() => JSON.parse(code), `${page}: ${code}`).not.toThrow();
        else expect(['ts', 'js', ...Object.keys(UNCHECKED)], `${page}: ${code}`).toContain(language);
      }
    }
  });
});

describe.each(withTypeScript.filter((page) => !(page in NOT_RUN)))('%s.md', (page) => {
  it('has TypeScript that runs', async () => {
    await node(folder(''), '--input-type=module', '-e', SAVE_MODEL);
    const parts = partsOf(page).map(({ heading, code }) => ({ heading, code: shortened(code) }));
    const channels = (heading: string) => valuesFor(heading === 'CSV files' ? 1 : 3);
    const source = `${moduleOf(parts, IMPORTS, channels)}\nprocess.exit(0);\n`;
    writeFileSync(folder('page.mts'), source);
    const output = await node(folder(''), resolve('node_modules/tsx/dist/cli.mjs'), folder('page.mts'));
    for (const { heading } of parts) expect(output).toContain(`DONE ${heading}\n`);
  }, 120_000);
});

const SAVE_MODEL = "await (await import('./support.mjs')).classifier(3).save('model');";

describe.each(PAGES)('%s.md', (page) => {
  it('links only to existing files', () => {
    const markdown = readPage(page);
    const links = [...markdown.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link);
    const missing = links.filter((link) => !existsSync(join(dirname(resolve(`${page}.md`)), link)));
    expect(missing).toEqual([]);
  });

  it('links only to existing headings', () => {
    const links = [...readPage(page).matchAll(/\]\(([^)#:\s]*)#([^)\s]+)\)/g)];
    const missing = links.filter(([, file, anchor]) => {
      const target = file ? join(dirname(page), file).replace(/\.md$/, '') : page;
      return !anchorsOf(readPage(target)).includes(anchor);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});

/** The ids of a page's headings, as GitHub and typedoc make them, and those of its HTML. */
function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)];
}

describe('the site', () => {
  it('has each page once', async () => {
    const { SECTIONS } = await import(pathToFileURL('docs/reference/pages.mjs').href);
    const pages = SECTIONS.flatMap(([, names]: [string, string[]]) => names.map((name) => `docs/${name}`));
    expect(pages.sort()).toEqual([...PAGES.slice(1), 'docs/reference/ops'].sort());
  });
});

describe('README.md', () => {
  it('links to every document', () => {
    const missing = PAGES.filter((page) => page !== 'README' && !readPage('README').includes(`${page}.md`));
    expect(missing).toEqual([]);
  });
});
