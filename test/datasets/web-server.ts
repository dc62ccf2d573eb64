import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach } from 'vitest';
import { CONTENTS } from './tiny-set.js';

const closers: (() => void)[] = [];

/** Starts a local server until the test ends. Returns its address, which ends in '/'. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Serves the tiny set's files. Requested paths are appended to `requests`. */
export function tinyFiles(requests: string[] = []): RequestListener {
  return (request, response) => {
    requests.push(request.url as string);
    response.end(gzipSync(CONTENTS[(request.url as string).slice(1, -'.gz'.length)]));
  };
}

export function closeServers(): void {
  for (const close of closers.splice(0)) close();
}

afterEach(closeServers);
