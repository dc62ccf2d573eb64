import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** The browser that is installed; undefined if there is none. CONVFORGE_CHROMIUM names another. */
export const BROWSER = [
  process.env.CONVFORGE_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

const AXE = createRequire(__filename).resolve('axe-core/axe.min.js');

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

/** By how many pixels the page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  const width = (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
  return Math.max(0, width);
}

/**
 * What shuts readers out, as far as axe calls it serious: a rule and an element each. Elements of the selector `except` aren't
 * looked at.
 */
export async function barriersOf(page: Page, except?: string): Promise<string[]> {
  // The page's policy may allow no other script, but the browser's own evaluation isn't bound by it.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const results = (await page.evaluate(
    `axe.run({ exclude: ${JSON.stringify(except ? [except] : [])} }, { resultTypes: ['violations'] })`,
  )) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  const serious = results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
}
