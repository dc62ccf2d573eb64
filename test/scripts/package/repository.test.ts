import { describe, expect, it } from 'vitest';
// @ts-expect-error: the scripts have no types
import * as repository from '../../../scripts/package/repository.mjs';

const { isAddress, readmeForNpm, relativeLinks, repositoryPage } = repository;

const README =
  'See [types](docs/types.md#shapes), [speed](#speed), [npm](https://www.npmjs.com/) ![x](x.svg).';
const manifest = { version: '1.2.3', repository: { url: 'git+https://github.com/acme/nets.git' } };

describe("the README on npm's page", () => {
  it("links to the repository's files at the version's tag", () => {
    const page = 'https://github.com/acme/nets/blob/v1.2.3';
    const raw = 'https://github.com/acme/nets/raw/v1.2.3';
    expect(readmeForNpm(README, manifest)).toBe(
      `See [types](${page}/docs/types.md#shapes), [speed](#speed), [npm](https://www.npmjs.com/) ![x](${raw}/x.svg).`,
    );
  });

  it('has plain text for links as long as there is no repository', () => {
    const text = readmeForNpm(README, { version: '1.2.3' });
    expect(text).toBe('See types, [speed](#speed), [npm](https://www.npmjs.com/) .');
    expect(relativeLinks(text)).toEqual([]);
    expect(relativeLinks(README)).toEqual(['docs/types.md#shapes', 'x.svg']);
  });
});

it.each([
  ['https://github.com/acme/nets', true],
  ['https://github.com/OWNER/nets', false],
  ['https://github.com/<owner>/nets', false],
  ['https://example.com/nets', false],
  ['http://github.com/acme/nets', false],
  ['github.com/acme/nets', false],
  [undefined, false],
])('%s is an address: %s', (text, expected) => {
  expect(isAddress(text)).toBe(expected);
});

it('a repository is at a host whose files can be linked to', () => {
  expect(repositoryPage(manifest)).toBe('https://github.com/acme/nets');
  expect(repositoryPage({ repository: 'https://codeberg.org/acme/nets' })).toBe(
    'https://codeberg.org/acme/nets',
  );
  expect(repositoryPage({ repository: 'https://git.acme.org/nets' })).toBeUndefined();
  expect(repositoryPage({})).toBeUndefined();
});
