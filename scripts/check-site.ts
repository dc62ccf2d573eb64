import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { BROWSER, barriersOf, overflowOf, VIEWS } from '../test/support/page-checks.js';

// Opens pages of the site that `npm run docs` has made, on a phone and on a desktop, light and dark. Fails if one has errors,
// scrolls sideways or shuts readers out by what axe calls serious, or if the search doesn't find what it should.
// Usage: check-site.ts [--all | page...], such as documents/Data.html. Default: a page or three of each kind.

const FOLDER = path.join(__dirname, '../docs/api');
const ORIGIN = 'http://localhost/';
const AT_ONCE = 2;

/** It is the same on all pages, and has most elements of many: only one page is checked with it. */
const NAVIGATION = '.site-menu';

/** What is searched, and the folder of the page that is wanted first. */
const SEARCHES = [
  ['save', 'documents'],
  ['checkpoint', 'documents'],
  ['conv2d', 'functions'],
] as const;

/** All pages, or the first one, three guides and a page of each other kind. */
function pagesOf(isAll: boolean): string[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.html'),
  );
  if (isAll) return files;
  return [...new Set(files.map((name) => path.dirname(name)))].flatMap((kind) => {
    if (kind === '.') return ['index.html'];
    const bySize = files.filter((name) => path.dirname(name) === kind).sort((a, b) => sizeOf(a) - sizeOf(b));
    const [smallest, middle, largest] = [0, Math.floor(bySize.length / 2), bySize.length - 1].map(
      (i) => bySize[i],
    );
    return kind === 'documents' ? [...new Set([smallest, middle, largest])] : [middle];
  });
}

const sizeOf = (name: string) => statSync(path.join(FOLDER, name)).size;

/** A page that is served from the folder, and what its console tells. */
async function newPage(context: BrowserContext): Promise<{ page: Page; errors: string[] }> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.route('**/*', (route) => {
    const { origin, pathname } = new URL(route.request().url());
    const file = path.join(FOLDER, decodeURIComponent(pathname));
    const isThere = `${origin}/` === ORIGIN && existsSync(file);
    return isThere ? route.fulfill({ path: file }) : route.fulfill({ status: 404 });
  });
  return { page, errors };
}

/** What is wrong with a page. */
async function problemsOf(context: BrowserContext, name: string): Promise<string[]> {
  const { page, errors } = await newPage(context);
  await page.goto(ORIGIN + name);
  const problems: string[] = [];
  for (const { width, scheme } of VIEWS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    const overflow = await overflowOf(page);
    if (overflow > 0) problems.push(`${width} pixels: it is ${overflow} pixels too wide`);
    // A page has the same elements light and dark: two of the views show each width and each scheme.
    if ((width === 360) !== (scheme === 'light')) continue;
    const barriers = await barriersOf(page, name === 'index.html' ? undefined : NAVIGATION);
    problems.push(...barriers.map((barrier) => `${width} pixels, ${scheme}: ${barrier}`));
  }
  await page.close();
  return [...errors, ...problems];
}

/** What is wrong with the search for a text. */
async function problemsOfSearch(context: BrowserContext, [text, kind]: readonly string[]): Promise<string[]> {
  const { page, errors } = await newPage(context);
  await page.goto(`${ORIGIN}index.html`);
  await page.click('#tsd-search-trigger');
  await page.fill('#tsd-search-input', text);
  const first = page.locator('#tsd-search-results a').first();
  const address = (await first.getAttribute('href')) ?? '';
  await page.close();
  return address.includes(`${kind}/`) ? errors : [...errors, `it finds ${address} first, not one of ${kind}`];
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const isAll = given.includes('--all');
  const names = isAll || given.length === 0 ? pagesOf(isAll) : given;
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  const context = await browser.newContext();
  const report = (name: string, problems: string[]) => {
    for (const problem of problems) console.error(`${name}: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  };
  for (const search of SEARCHES) report(`search for "${search[0]}"`, await problemsOfSearch(context, search));
  const left = names.values();
  const worker = async () => {
    for (const name of left) report(name, await problemsOf(context, name));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await browser.close();
  console.log(`${names.length} pages of the site looked at`);
}

void main();
