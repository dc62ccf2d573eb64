import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesOf, readPage } from './blocks.js';
import { fill, node, shortened } from './workspace.js';

/* The pages whose programs are files of a folder: their files run as the page says, on small data. */

const path = temporaryFolder();
beforeEach(() => fill(path('')));

function writePrograms(page: string): void {
  const support = "import { smallSet } from './support.mjs';\n";
  for (const { name, code } of filesOf(readPage(page))) writeFileSync(path(name), support + shortened(code));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe('docs/getting-started.md', () => {
  it('trains, reports, saves, loads and predicts', async () => {
    writePrograms('docs/getting-started');
    await node(path(''), path('train.mjs'));
    expect(readFileSync(path('report.html'), 'utf8')).toContain('convforge-run');
    expect(existsSync(path('clothes/model.json'))).toBe(true);
    const output = await node(path(''), path('predict.mjs'));
    expect(output.match(/^predicted [a-j], is [a-j]$/gm)).toHaveLength(5);
  }, 120_000);
});

describe('docs/own-images.md', () => {
  it('trains on a folder, and serves what it has trained', async () => {
    writePrograms('docs/own-images');
    expect(await node(path(''), path('train.mjs'))).toContain('saved: cats, dogs');
    const port = await freePort();
    const env = { ...process.env, PORT: String(port) };
    const server: ChildProcess = spawn(process.execPath, [path('serve.mjs')], { cwd: path(''), env });
    try {
      const [line] = await once(server.stdout as NodeJS.ReadableStream, 'data');
      expect(String(line)).toContain(`port ${port}`);
      const send = (body: Uint8Array<ArrayBuffer>) =>
        fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
      const answer = await send(readFileSync(path('photos/cats/0.png')));
      const classes = (await answer.json()) as { name: string; probability: number }[];
      expect(classes.map(({ name }) => name).sort()).toEqual(['cats', 'dogs']);
      expect(classes[0].probability + classes[1].probability).toBeCloseTo(1, 5);
      expect((await send(new Uint8Array([1, 2, 3]))).status).toBe(400);
    } finally {
      const closed = once(server, 'close');
      server.kill();
      await closed;
    }
  }, 120_000);
});
