import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { ErrorCode } from '../../lib/errors.js';
import { layers, sequential } from '../../lib/index.js';
import { saveModel } from '../../lib/io/save-model.js';
import { loadLayersModel } from '../../lib/models/load-layers-model.js';
import { expectError } from '../support/convforge-error.js';
import { weightsFile } from '../support/weights-file.js';

/**
 * A damage: a path in model.json ("modelTopology.config.layers.0"), its new value (undefined removes it), and
 * the expected error.
 */
export type Damage = [path: string, value: unknown, code: ErrorCode, text: string];

/** The paths of the saved model's files. */
export const LAYERS = 'modelTopology.config.layers';
export const CONV = `${LAYERS}.0`;
export const FLATTEN = `${LAYERS}.1`;
export const DENSE = `${LAYERS}.2`;
/** conv kernel (8 values), conv bias (2), dense kernel (16), dense bias (2), iter, the same four /m, the same four /v. */
export const WEIGHTS = 'weightsManifest.0.weights';
export const CHECKSUMS = 'weightsManifest.0.sha256';

/** Saves a model for each test to damage, compiled with adam and saved with its state. */
export class Victim {
  folder = '';

  constructor() {
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'convforge-io-'));
      const model = sequential({
        name: 'victim',
        layers: [
          layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [3, 3, 1] }),
          layers.flatten(),
          layers.dense({ units: 2, activation: 'softmax' }),
        ],
      });
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
      await saveModel(model, this.folder, { includeOptimizer: true });
    });
    afterEach(() => rm(this.folder, { recursive: true, force: true }));
  }

  /** The path of the weights. */
  get weights(): string {
    return weightsFile(this.folder);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** Sets `path` in model.json to `value`. `replace` then changes the text. */
  async damage(path: string, value: unknown, replace = (text: string) => text): Promise<void> {
    const json = JSON.parse(await readFile(this.file('model.json'), 'utf8'));
    const keys = path.split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce((part, key) => part[key], json);
    expect(parent, path).toBeTypeOf('object');
    parent[last] = value;
    await writeFile(this.file('model.json'), replace(JSON.stringify(json)));
  }

  /** Expects loading to fail with this code and a message that names the folder and contains `text`. */
  async refuses(code: ErrorCode, text: string): Promise<void> {
    const error = await expectError(() => loadLayersModel(this.folder), code);
    expect(error.message).toContain(text);
    expect(error.message).toContain(this.folder);
  }
}
