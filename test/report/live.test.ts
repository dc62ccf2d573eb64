import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import * as tf from '../../lib/index.js';
import type { FitOptions } from '../../lib/training/fit-options.js';

const running: { model: tf.Sequential; fit: Promise<unknown> }[] = [];

afterEach(async () => {
  for (const { model, fit } of running.splice(0)) {
    model.stopTraining = true;
    await fit;
  }
});

/** Starts a long training. Resolves to the address of its page. */
async function live(options: FitOptions = {}): Promise<{ address: URL; fit: Promise<tf.callbacks.History> }> {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.randomUniform([512, 4], 0, 1, 'float32', 2);
  let fit!: Promise<tf.callbacks.History>;
  const address = await new Promise<string>((resolve, reject) => {
    fit = model.fit(x, tf.ones([512, 1]), {
      epochs: 1_000_000,
      verbose: 0,
      live: { onAddress: resolve },
      ...options,
    });
    fit.catch(reject);
  });
  running.push({ model, fit });
  return { address: new URL(address), fit };
}

function ask(
  address: URL,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(address, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
        // Events never end by themselves.
        if (address.pathname.endsWith('events')) asked.destroy();
      });
      response.on('close', () => resolve({ status: response.statusCode as number, text }));
    });
    asked.on('error', reject).end();
  });
}

describe('fit({ live })', () => {
  it('serves the page on the loopback alone, to whoever has the token', async () => {
    const { address } = await live();
    expect(address.hostname).toBe('127.0.0.1');
    expect(address.pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
    expect(await ask(address)).toMatchObject({ status: 200, text: expect.stringContaining('Stop training') });
    expect(await ask(new URL('/', address))).toMatchObject({ status: 404 });
    expect(await ask(new URL(`/${'0'.repeat(32)}/`, address))).toMatchObject({ status: 404 });
    expect((await ask(new URL('events', address))).text).toMatch(/^event: content\ndata: "/);
  });

  it('refuses other hosts, and a request to stop that another page sends', async () => {
    const { address, fit } = await live();
    const stop = new URL('stop', address);
    expect(await ask(address, 'GET', { Host: 'evil.example' })).toMatchObject({ status: 403 });
    expect(await ask(stop, 'POST')).toMatchObject({ status: 403 });
    expect(await ask(stop, 'POST', { Origin: 'http://evil.example' })).toMatchObject({ status: 403 });
    expect(await ask(stop, 'GET', { Origin: address.origin })).toMatchObject({ status: 404 });
    expect(await Promise.race([fit, new Promise((resolve) => setTimeout(resolve, 300, 'runs'))])).toBe(
      'runs',
    );
    expect(await ask(stop, 'POST', { Origin: address.origin })).toMatchObject({ status: 204 });
    expect((await fit).epoch.length).toBeGreaterThan(0);
  });

  it('no longer listens when the training has ended, failed ones too', async () => {
    const ended = await live({ epochs: 1 });
    await ended.fit;
    await expect(ask(ended.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const fail = () => {
      throw new Error('no');
    };
    let address = '';
    const onAddress = (given: string) => {
      address = given;
    };
    await expect(live({ live: { onAddress }, callbacks: { onEpochEnd: fail } })).rejects.toThrow('no');
    await expect(ask(new URL(address))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('rejects with IO_ERROR if the port is taken, and with INVALID_ARGUMENT for no port', async () => {
    const { address } = await live();
    const port = Number(address.port);
    await expect(live({ live: { port } })).rejects.toMatchObject({ code: 'IO_ERROR' });
    await expect(live({ live: { port: 70_000 } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(live({ live: 'yes' as never })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
