import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { BROWSER, barriersOf, overflowOf, VIEWS, type View } from './page-checks.js';

export { BROWSER, VIEWS };

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
  expect(await overflowOf(page), 'pixels that the page is too wide').toBe(0);
  expect(await barriersOf(page)).toEqual([]);
}
