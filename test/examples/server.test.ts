import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../examples/server/app.js';
import {
  ConvforgeError,
  createPredictor,
  layers,
  node,
  type Predictor,
  randomUniform,
  type Sequential,
  sequential,
  setSeed,
} from 'convforge';
import { crc32 } from '../../lib/io/crc.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const TOO_LARGE = Buffer.alloc(6 * 2 ** 20);

const PROGRAM = resolve('examples/server/main.ts');
const LOADER = pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs')).href;

function classifier(seed: number): Sequential {
  setSeed(seed);
  const model = sequential({
    layers: [
      layers.rescaling({ scale: 1 / 255, inputShape: [8, 8, 1] }),
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.classNames = ['ant', 'bee', 'cat'];
  return model;
}

interface Server {
  child: ChildProcess;
  url: string;
  /** Resolves when the server has printed this. */
  printed(text: string): Promise<void>;
  /** The output so far. */
  readonly out: string;
}

const children: ChildProcess[] = [];

/** Starts the example as users do, on a free port. */
async function start(...args: string[]): Promise<Server> {
  const child = spawn(process.execPath, ['--import', LOADER, PROGRAM, ...args], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      out += chunk;
    });
  }
  const printed = async (text: string) => {
    while (!out.includes(text)) {
      if (child.exitCode !== null) throw new Error(`The server has ended, and printed: ${out}`);
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), once(child, 'close')]);
    }
  };
  await printed('Listening on ');
  const url = /http:\S+/.exec(out)?.[0] as string;
  return {
    child,
    url,
    printed,
    get out() {
      return out;
    },
  };
}

async function post(url: string, body: Uint8Array | FormData, type?: string): Promise<[number, unknown]> {
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  const response = await fetch(`${url}/predict`, { method: 'POST', body: body as FormData, headers });
  return [response.status, await response.json()];
}

function form(file: Uint8Array): FormData {
  const made = new FormData();
  made.set('comment', 'no file');
  made.set('image', new Blob([file as Buffer<ArrayBuffer>]), 'image.png');
  return made;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const made = Buffer.alloc(typed.length + 8);
  made.writeUInt32BE(data.length);
  typed.copy(made, 4);
  made.writeUInt32BE(crc32(typed), typed.length + 4);
  return made;
}

/** A grey PNG of these sizes in its header, and one row of black pixels. */
function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const rows = deflateSync(Buffer.alloc(width + 1));
  const chunks = [chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

const pathOf = temporaryFolder();
let image: Buffer;
beforeAll(async () => {
  image = Buffer.from(await node.encodePng(randomUniform([8, 8, 1], 0, 256, 'uint8', 5)));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** What the server must answer. */
async function expected(model: Sequential) {
  const pixels = await node.decodeImage(image, { channels: 1 });
  const output = await model.predict(pixels.reshape([1, 8, 8, 1]));
  const classes = [...output.dataSync()].map((probability, i) => ({
    name: 'ant bee cat'.split(' ')[i],
    probability,
  }));
  return { classes: classes.sort((a, b) => b.probability - a.probability) };
}

describe('examples/server', () => {
  it('classifies images of a saved model, replaces it on SIGHUP, and ends on SIGTERM', async () => {
    const [first, second] = [classifier(1), classifier(2)];
    await first.save(pathOf('model'));
    const server = await start(pathOf('model'));
    const { url, child } = server;
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' });
    for (const type of ['image/png', 'application/octet-stream'])
      expect(await post(url, image, type)).toEqual([200, await expected(first)]);
    expect(await post(url, form(image))).toEqual([200, await expected(first)]);

    await second.save(pathOf('model'));
    child.kill('SIGHUP');
    await server.printed('Model replaced');
    expect(await post(url, image, 'image/png')).toEqual([200, await expected(second)]);

    const wide = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    wide.classNames = first.classNames;
    await wide.save(pathOf('model'));
    child.kill('SIGHUP');
    await server.printed('The old model stays: predictor.replace');
    expect(await post(url, image, 'image/png')).toEqual([200, await expected(second)]);

    const renamed = classifier(1);
    renamed.classNames = ['cat', 'bee', 'ant'];
    await renamed.save(pathOf('model'));
    child.kill('SIGHUP');
    await server.printed('The old model stays: The new model has other classes');
    expect(await post(url, image, 'image/png')).toEqual([200, await expected(second)]);

    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(server.out).toContain('Closed');
  }, 60_000);

  it('refuses hostile uploads and goes on', async () => {
    const { url, child } = await start();
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const refused: [number, Uint8Array | FormData, string?][] = [
      [415, Buffer.from('no image'), 'image/png'],
      [415, Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'image/png'],
      [415, svg, 'application/octet-stream'],
      [415, Buffer.from('{}'), 'application/json'],
      [415, Buffer.from('text'), 'text/plain'],
      [400, Buffer.alloc(0), 'image/png'],
      [400, new FormData()],
      [400, image.subarray(0, image.length - 30), 'image/png'],
      [413, png(60_000, 60_000), 'image/png'],
      [413, png(2 ** 20, 17), 'image/png'],
      [413, form(png(60_000, 60_000))],
    ];
    for (const [i, [status, body, type]] of refused.entries()) {
      const [given, answer] = await post(url, body, type);
      expect({ i, given }).toEqual({ i, given: status });
      expect(answer).toEqual({ error: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) });
    }
    // The server closes the connection, perhaps before the client has read the answer.
    await post(url, TOO_LARGE, 'image/png').catch(() => undefined);
    await post(url, form(TOO_LARGE)).catch(() => undefined);
    const [status, answer] = await post(url, image, 'image/png');
    expect(status).toBe(200);
    expect((answer as { classes: unknown[] }).classes).toHaveLength(10);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
  }, 60_000);

  it('answers what it has accepted before it ends', async () => {
    const server = await start();
    const { hostname, port } = new URL(server.url);
    const headers = { 'content-type': 'image/png', 'content-length': image.length, expect: '100-continue' };
    const upload = request({ hostname, port, path: '/predict', method: 'POST', headers });
    upload.flushHeaders();
    await once(upload, 'continue');
    upload.write(image.subarray(0, 20));
    server.child.kill('SIGTERM');
    await server.printed('closing');
    expect(server.child.exitCode).toBeNull();
    upload.end(image.subarray(20));
    const [response] = await once(upload, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    expect(await once(server.child, 'close')).toEqual([0, null]);
  }, 60_000);
});

describe('the server', () => {
  const model = classifier(3);
  let predictor: Predictor;
  beforeAll(() => {
    predictor = createPredictor(model);
  });
  afterAll(() => predictor.close());

  const asked = (app: ReturnType<typeof createServer>) =>
    app.inject({ method: 'POST', url: '/predict', payload: image, headers: { 'content-type': 'image/png' } });

  /** A server whose predictor fails with this error. */
  function failing(error: Error) {
    const predict = () => Promise.reject(error);
    return createServer({ model, predict, stats: () => predictor.stats() } as unknown as Predictor);
  }

  it('sends clients away while its queue is full', async () => {
    const answer = await asked(failing(new ConvforgeError('QUEUE_FULL', 'Try again later.')));
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toEqual({ error: 'QUEUE_FULL', message: 'Try again later.' });
  });

  it('refuses uploads that are too large', async () => {
    const app = createServer(predictor);
    for (const upload of [new Response(form(TOO_LARGE)), new Response(TOO_LARGE)]) {
      const headers = { 'content-type': upload.headers.get('content-type') ?? 'image/png' };
      const payload = Buffer.from(await upload.arrayBuffer());
      const answer = await app.inject({ method: 'POST', url: '/predict', payload, headers });
      expect(answer.statusCode).toBe(413);
      expect(answer.json().error).toMatch(/TOO_LARGE/);
    }
  });

  it('keeps its own failures to itself', async () => {
    const logged: unknown[] = [];
    const { error: log } = console;
    console.error = (error) => void logged.push(error);
    const failure = new Error('the password is 1234');
    const answer = await asked(failing(failure));
    console.error = log;
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('1234');
    expect(logged).toEqual([failure]);
  });

  it("tells Prometheus what it does, in Prometheus' text format", async () => {
    const app = createServer(predictor);
    for (let i = 0; i < 3; i++) expect((await asked(app)).statusCode).toBe(200);
    const { body, headers } = await app.inject('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const metrics = readMetrics(body);
    expect(metrics.get('predictor_requests_total{outcome="served"}')).toBe(3);
    expect(metrics.get('predictor_requests_total{outcome="rejected"}')).toBe(0);
    expect(metrics.get('predictor_batches_total{size="1"}')).toBe(3);
    expect(metrics.get('predictor_requests{state="queued"}')).toBe(0);
    expect(metrics.get('predictor_latency_seconds{quantile="0.99"}')).toBeGreaterThan(0);
    expect(metrics.get('http_request_duration_seconds_count{route="/predict",status="200"}')).toBe(3);
    expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(readMetrics((await app.inject('/metrics')).body).get('predictor_batches_total{size="1"}')).toBe(3);
  });
});

/** The samples by name and labels, of a text that has the format: a type before each metric, a sample a line. */
function readMetrics(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const type = /^# TYPE ([a-z_0-9]+) (counter|gauge|histogram|summary)$/.exec(line);
    if (type) types.set(type[1], type[2]);
    if (type || /^# HELP [a-z_0-9]+ .+$/.test(line)) continue;
    const sample = /^([a-z_0-9]+)((?:\{(?:[a-z_]+="[^"\\\n]*",?)+\})?) (-?[\d.e+-]+|Nan|[+-]Inf)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const [, name, labels, value] = sample as RegExpExecArray;
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    expect(types.get(family), line).toBeDefined();
    expect(samples.has(name + labels), line).toBe(false);
    samples.set(name + labels, Number(value));
  }
  return samples;
}
