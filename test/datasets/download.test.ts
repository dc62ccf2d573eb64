import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { download, type Timeouts } from '../../lib/datasets/download.js';
import { CONTENTS, temporaryFolder, tinySet } from './tiny-set.js';
import { closeServers, serve, tinyFiles } from './web-server.js';

it('downloads all gzipped files under their names', async () => {
  const folder = await temporaryFolder();
  await download(tinySet(), await serve(tinyFiles()), folder);
  for (const [name, content] of Object.entries(CONTENTS)) {
    expect(gunzipSync(await readFile(join(folder, `${name}.gz`)))).toEqual(content);
  }
});

describe('a failed download', () => {
  /** In milliseconds. A test can't wait for long timeouts. */
  const [SHORT, LONG] = [100, 60_000];
  const GENEROUS = { answer: LONG, idle: LONG, file: LONG };

  it.each<[string, RequestListener, Partial<Timeouts>, RegExp]>([
    ['a missing file', (_, answer) => answer.writeHead(404).end(), {}, /the server answers 404 Not Found/],
    ['no answer', () => {}, { answer: SHORT }, /no answer within 0.1 s/],
    [
      'a stop halfway',
      (_, answer) => void answer.write('half'),
      { idle: SHORT },
      /no more data within 0.1 s/,
    ],
    ['an end halfway', closeHalfway, {}, /^train-images.gz: (other side closed|terminated)/],
    ['a drip', dripForever, { file: SHORT }, /not complete within 0.1 s/],
    [
      'too much',
      (_, answer) => answer.end(Buffer.alloc(100_000)),
      {},
      /more than the \d+ bytes that it can have/,
    ],
    ['a redirection to nowhere', (_, answer) => answer.writeHead(302).end(), {}, /the server answers 302/],
  ])('%s', async (_, listener, timeouts, reason) => {
    const address = await serve(listener);
    const downloading = download(tinySet(), address, await temporaryFolder(), { ...GENEROUS, ...timeouts });
    await expect(downloading).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringMatching(reason),
    });
  });

  it('names an unreachable server', async () => {
    const address = await serve(() => {});
    closeServers();
    await expect(download(tinySet(), address, await temporaryFolder(), GENEROUS)).rejects.toThrow(
      /train-images.gz: .*ECONNREFUSED/,
    );
  });
});

const closeHalfway: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('half', () => response.destroy());
};

const dripForever: RequestListener = (_, response) => {
  const timer = setInterval(() => response.write('.'), 20);
  response.on('close', () => clearInterval(timer));
};
