// A registry on this machine that has one tarball, and passes requests for all other packages on to npm's.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const UPSTREAM = 'https://registry.npmjs.org';

/** Starts it. Resolves to its address and a function that stops it. */
export async function startRegistry(tarball, manifest) {
  const bytes = readFileSync(tarball);
  const server = createServer(async (request, response) => {
    try {
      if (request.url === '/convforge.tgz') return response.end(bytes);
      if (request.url === `/${manifest.name}`) return response.end(JSON.stringify(packument()));
      const { status, headers, body } = await fetchUpstream(request);
      response
        .writeHead(status, { 'content-type': headers.get('content-type') ?? 'application/json' })
        .end(body);
    } catch (error) {
      response.writeHead(502).end(error.message);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;

  function packument() {
    const { name, version } = manifest;
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const dist = { tarball: `${address}/convforge.tgz`, integrity };
    return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
  }
  return { address, stop: () => server.close() };
}

async function fetchUpstream({ url, headers }) {
  const response = await fetch(UPSTREAM + url, { headers: { accept: headers.accept ?? '*/*' } });
  return {
    status: response.status,
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
}
