import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

/** The browser that is installed; undefined if there is none. CONVFORGE_CHROMIUM names another. */
export const BROWSER = [
  process.env.CONVFORGE_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

/** How a page is shown. */
export interface View {
  width: number;
  scheme: 'light' | 'dark';
}

/** A phone and a desktop, light and dark. */
export const VIEWS: readonly View[] = [360, 1440].flatMap((width) => [
  { width, scheme: 'light' as const },
  { width, scheme: 'dark' as const },
]);

/** Starts a browser for the tests of a file. Returns a function that opens an address. */
export function startedBrowser(): (
  address: string,
  view?: View,
) => Promise<{ page: Page; errors: string[] }> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());
  return async (address, { width, scheme } = VIEWS[2]) => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(address);
    return { page, errors };
  };
}

/** Fails if the page is wider than its window, or if it shuts readers out by what axe calls serious. */
export async function expectReadable(page: Page): Promise<void> {
  const [content, view] = (await page.evaluate(
    '[document.documentElement.scrollWidth, innerWidth]',
  )) as number[];
  expect(content, 'the width of the page').toBeLessThanOrEqual(view);
  // The page's policy allows no other script, but the browser's own evaluation isn't bound by it.
  const { source } = await import('axe-core');
  await page.evaluate(source);
  const results = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  const serious = results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`)).toEqual([]);
}
