import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  engineInfo,
  layers,
  loadGraphModel,
  loadLayersModel,
  loadModel,
  sequential,
  setMemoryBudget,
  tensor,
} from '../../lib/index.js';
import { serve } from '../datasets/web-server.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { CASES, checkOutputs, readJson, type Values } from './keras/cases.js';

const pathOf = temporaryFolder();
const ONNX = join(__dirname, '..', 'onnx', 'cases');

/** Serves the files of a folder, and appends the paths asked for to `requests`. */
function filesOf(folder: string, requests: string[] = []): RequestListener {
  return ({ url = '' }, response) => {
    requests.push(url);
    response.end(readFileSync(join(folder, decodeURIComponent(url.split('?')[0]))));
  };
}

/** Serves these contents by path, anything else as 404. */
function contents(files: Record<string, string | Uint8Array>): RequestListener {
  return ({ url = '' }, response) => {
    if (Object.hasOwn(files, url)) response.end(files[url]);
    else response.writeHead(404).end('no such file');
  };
}

function small() {
  return sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
}

/** A model.json whose weights, a kernel [3, 2] and a bias, lie at these paths. */
function modelJson(paths: string[], extra: object = {}): string {
  const weight = (name: string, shape: number[]) => ({
    name: `dense_Dense1/${name}`,
    shape,
    dtype: 'float32',
  });
  const layer = {
    class_name: 'Dense',
    config: { name: 'dense_Dense1', units: 2, batch_input_shape: [null, 3] },
  };
  return JSON.stringify({
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'net', layers: [layer] } },
    weightsManifest: [{ paths, weights: [weight('kernel', [3, 2]), weight('bias', [2])], ...extra }],
  });
}

const WEIGHTS = new Uint8Array(Float32Array.from({ length: 8 }, (_, i) => i).buffer);

describe('a URL', () => {
  it('of a model.json loads as its folder does, with the query for the weights too', async () => {
    const model = small();
    await model.save(pathOf('m'));
    const requests: string[] = [];
    const address = await serve(filesOf(pathOf('m'), requests));
    const x = tensor([1, 2, 3], [1, 3]);
    for (const load of [loadLayersModel, loadModel]) {
      const loaded = await load(`${address}model.json?key=1`);
      expect(loaded.predict(x).dataSync()).toEqual(model.predict(x).dataSync());
    }
    expect(new Set(requests.map((url) => url.split('?')[1]))).toEqual(new Set(['key=1']));
    expect(requests.length).toBe(4);
  });

  it.each(['tutorial_adam.keras', 'tutorial_adam.h5'])('of %s loads as the file', async (name) => {
    const address = await serve(filesOf(CASES));
    const { inputs, outputs, tolerance } = readJson<{
      inputs: Values[];
      outputs: Values[];
      tolerance: number;
    }>(join(CASES, 'tutorial_adam.json'));
    checkOutputs(await loadModel(address + name), inputs, outputs, tolerance);
  });

  it('of an ONNX file with external data loads as the file', async () => {
    const address = await serve(filesOf(ONNX));
    const loaded = await loadModel(`${address}mobile_dynamo.onnx`);
    const local = await loadModel(join(ONNX, 'mobile_dynamo.onnx'));
    expect(loaded.countParams()).toBe(local.countParams());
    expect(loaded.getWeights().at(-1)?.dataSync()).toEqual(local.getWeights().at(-1)?.dataSync());
  });

  it('of a graph model loads as its folder does', async () => {
    const address = await serve(filesOf(CASES));
    const loaded = await loadGraphModel(`${address}graph_mobile_graph/model.json`);
    const local = await loadGraphModel(join(CASES, 'graph_mobile_graph'));
    expect(loaded.outputs.map(({ name }) => name)).toEqual(local.outputs.map(({ name }) => name));
    await loadModel(`${address}graph_mobile_graph/model.json`);
  });

  it('has weights in several files, whose names may hold any characters', async () => {
    const files = { '/a/m.json': modelJson(['p 1?', 'q/2']), '/a/p%201%3F': WEIGHTS.subarray(0, 5) };
    const address = await serve(contents({ ...files, '/a/q/2': WEIGHTS.subarray(5) }));
    const loaded = await loadLayersModel(`${address}a/m.json`);
    expect(loaded.getWeights().flatMap((weight) => [...weight.dataSync()])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('a server that', () => {
  const load = (url: string) => () => loadModel(url);

  it('has no such file is an IO_ERROR, without what may be secret', async () => {
    const address = await serve(contents({ '/model.json': modelJson(['w.bin']) }));
    await expectError(load(`${address}m.onnx?key=secret`), 'IO_ERROR', /m\.onnx: the server answers 404\.$/);
    await expectError(load(`${address}model.json`), 'IO_ERROR', /w\.bin: the server answers 404/);
    await expectError(load('http://127.0.0.1:1/m'), 'IO_ERROR', /Can't fetch http:\/\/127\.0\.0\.1:1\/m/);
    await expectError(load('http://'), 'INVALID_ARGUMENT', /'http:\/\/' is no URL/);
  });

  it('answers with a page is told so', async () => {
    const address = await serve((_, response) => response.end('<!doctype html><p>Log in</p>'));
    await expectError(load(`${address}model.json`), 'UNSUPPORTED', /this is a web page/);
  });

  it('ends a body early is an IO_ERROR', async () => {
    const bytes = readFileSync(join(CASES, 'tutorial_adam.keras'));
    const address = await serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 500), () => response.destroy());
    });
    await expectError(load(`${address}m.keras`), 'IO_ERROR', /Can't fetch .*m\.keras/);
    const short = await serve(contents({ '/m.keras': bytes.subarray(0, 500) }));
    await expectError(load(`${short}m.keras`), 'CORRUPT_FILE', /m\.keras/);
  });

  it('declares a wrong length is judged by what it sends', async () => {
    const send =
      (declared: number): RequestListener =>
      (request, response) => {
        const { socket } = request;
        const body = request.url === '/w.bin' ? Buffer.from(WEIGHTS) : Buffer.from(modelJson(['w.bin']));
        const length = request.url === '/w.bin' ? declared : body.length;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`);
        socket.end(body);
        response.on('error', () => {});
      };
    const less = await serve(send(WEIGHTS.length - 4));
    await expectError(load(`${less}model.json`), 'CORRUPT_FILE', /need 32 bytes, but its files have 28/);
    const more = await serve(send(2 ** 40));
    await expectError(load(`${more}model.json`), 'IO_ERROR', /w\.bin/);
  });

  it('never ends is cut off where the file must end', async () => {
    const endless =
      (head: Uint8Array | string): RequestListener =>
      (request, response) => {
        if (request.url === '/model.json') return response.end(modelJson(['w.bin']));
        const more = () => {
          while (response.write(Buffer.alloc(2 ** 16, 32)));
        };
        response.on('drain', more).write(head);
        more();
      };
    const shard = await serve(endless(''));
    await expectError(load(`${shard}model.json`), 'TOO_LARGE', /w\.bin: .* more than the 32 bytes/);
    const json = await serve(endless('{'));
    await expectError(load(`${json}other.json`), 'TOO_LARGE', /more than the 67108864 bytes/);
    const { memoryBudget } = engineInfo();
    setMemoryBudget(2 ** 24);
    try {
      await expectError(load(`${shard}x`), 'TOO_LARGE', /more than the 67108864 bytes/);
      const zip = await serve(endless('PK\x03\x04'));
      await expectError(load(`${zip}m.keras`), 'TOO_LARGE', /more than the 16777216 bytes/);
    } finally {
      setMemoryBudget(memoryBudget);
    }
  });

  it('sends a bomb in gzip is cut off by what it unpacks to', async () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 20));
    const address = await serve((request, response) => {
      if (request.url === '/model.json') return response.end(modelJson(['w.bin']));
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    await expectError(load(`${address}model.json`), 'TOO_LARGE', /more than the 32 bytes/);
  });

  it('has weights outside of the folder, or other bytes, is refused', async () => {
    const requests: string[] = [];
    for (const path of ['../w.bin', '/w.bin', 'a/../../w.bin', 'C:w.bin', '']) {
      const address = await serve((request, response) => {
        requests.push(request.url as string);
        response.end(modelJson([path]));
      });
      await expectError(load(`${address}a/model.json`), 'CORRUPT_FILE', /outside the model's folder/);
    }
    expect(new Set(requests)).toEqual(new Set(['/a/model.json']));
    const sha256 = ['0'.repeat(64)];
    const files = { '/model.json': modelJson(['w.bin'], { sha256 }), '/w.bin': WEIGHTS };
    await expectError(load(`${await serve(contents(files))}model.json`), 'CORRUPT_FILE', /w\.bin.*SHA-256/);
    const host = contents({ '/model.json': modelJson(['http://127.0.0.1:1/w']) });
    await expectError(load(`${await serve(host)}model.json`), 'IO_ERROR', /answers 404/);
  });

  it('redirects without end is an IO_ERROR', async () => {
    const address = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    await expectError(load(`${address}model.json`), 'IO_ERROR', /redirect/);
  });

  it('is silent can be given up', async () => {
    const address = await serve(() => {});
    for (const fetched of [loadModel, loadLayersModel]) {
      const signal = AbortSignal.timeout(30);
      await expectError(() => fetched(`${address}m`, { signal }), 'ABORTED', /Aborted by the signal/);
    }
    const signal = AbortSignal.abort();
    await expectError(() => loadModel(`${address}m`, { signal }), 'ABORTED', /Aborted/);
  });
});
