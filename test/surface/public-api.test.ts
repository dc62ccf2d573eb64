import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

// The exports must equal public-api.txt. After an intended change: npx vitest run
// test/surface/public-api.test.ts -u

it('exports the names and types of public-api.txt', async () => {
  const text = execFileSync(process.execPath, ['docs/reference/public-api.mjs'], { encoding: 'utf8' });
  expect(text.match(/^class layers\./gm)?.length).toBeGreaterThan(60);
  await expect(text).toMatchFileSnapshot('public-api.txt');
});
