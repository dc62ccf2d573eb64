import { execFileSync } from 'node:child_process';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadLayersModel } from '../../lib/models/load-layers-model.js';
import { expectError } from '../support/convforge-error.js';
import { CONV, type Damage, DENSE, FLATTEN, LAYERS, Victim, WEIGHTS } from './victim.js';

const victim = new Victim();

it('the untouched model loads', async () => {
  expect((await loadLayersModel(victim.folder)).name).toBe('victim');
});

describe('model.json', () => {
  it.each([
    ['nothing', '', 'CORRUPT_FILE', 'not valid JSON'],
    ['half of it', '{"format": "layers-mo', 'CORRUPT_FILE', 'not valid JSON'],
    ['a list', '[]', 'CORRUPT_FILE', 'holds an object'],
    ['null', 'null', 'CORRUPT_FILE', 'holds an object'],
    ['bytes that are no text', '\u0000\uffff', 'CORRUPT_FILE', 'not valid JSON'],
    ['another format', '{"format": "pickle"}', 'CORRUPT_FILE', "'pickle'"],
    ['a graph model', '{"format": "graph-model"}', 'UNSUPPORTED', 'graph model'],
    ['no manifest', '{"format": "layers-model"}', 'UNSUPPORTED', 'without weights'],
    [
      'a manifest that is not a list',
      '{"weightsManifest": 7}',
      'CORRUPT_FILE',
      'weightsManifest is not a list',
    ],
    ['100,000 open brackets', '['.repeat(100_000), 'CORRUPT_FILE', 'not valid JSON'],
  ] as const)('with %s is refused', async (_what, text, code, message) => {
    await writeFile(victim.file('model.json'), text);
    await victim.refuses(code, message);
  });

  it("that is missing, or isn't a file, is refused", async () => {
    await rm(victim.file('model.json'));
    await victim.refuses('IO_ERROR', 'model.json');
    await mkdir(victim.file('model.json'));
    await victim.refuses('CORRUPT_FILE', 'not a regular file');
    await expectError(() => loadLayersModel(victim.file('nowhere')), 'IO_ERROR', /nowhere/);
  });

  it.skipIf(process.platform === 'win32')('that is a pipe is refused without waiting', async () => {
    await rm(victim.file('model.json'));
    execFileSync('mkfifo', [victim.file('model.json')]);
    await victim.refuses('CORRUPT_FILE', 'not a regular file');
  });

  it('of 65 MiB is refused without reading it', async () => {
    await truncate(victim.file('model.json'), 65 * 2 ** 20);
    await victim.refuses('TOO_LARGE', '64 MiB');
  });
});

describe('topology', () => {
  it.each<Damage>([
    ['modelTopology', 3, 'CORRUPT_FILE', 'modelTopology is missing'],
    ['modelTopology.class_name', 'Subclassed', 'UNSUPPORTED', "'Subclassed'"],
    ['modelTopology.class_name', 'Functional', 'CORRUPT_FILE', 'inbound_nodes'],
    ['modelTopology.class_name', 'constructor', 'UNSUPPORTED', "'constructor'"],
    ['modelTopology.config', { name: 'x' }, 'CORRUPT_FILE', 'no list of layers'],
    ['modelTopology.config.name', [1], 'CORRUPT_FILE', 'name is [1]'],
    [FLATTEN, null, 'CORRUPT_FILE', 'layer 1'],
    [`${FLATTEN}.config`, undefined, 'CORRUPT_FILE', 'layer 1'],
    [`${FLATTEN}.class_name`, {}, 'CORRUPT_FILE', 'layer 1'],
    [`${FLATTEN}.class_name`, '__proto__', 'UNSUPPORTED', '__proto__'],
    [`${FLATTEN}.class_name`, 'constructor', 'UNSUPPORTED', 'constructor'],
    [`${FLATTEN}.class_name`, 'Lambda', 'UNSUPPORTED', 'Lambda'],
    [`${DENSE}.config.kernel_regularizer`, { l2: 1 }, 'CORRUPT_FILE', 'regularizer'],
    [`${DENSE}.config.activity_regularizer`, { class_name: 'L2' }, 'UNSUPPORTED', 'activityRegularizer'],
    [`${DENSE}.config.activation`, 'toString', 'UNSUPPORTED', 'toString'],
    [`${DENSE}.config.kernel_initializer.class_name`, '__proto__', 'CORRUPT_FILE', '__proto__'],
    [`${DENSE}.config.units`, 1e9, 'TOO_LARGE', 'dense_1'],
    [`${DENSE}.config.units`, 0.5, 'CORRUPT_FILE', 'units is 0.5'],
    [`${DENSE}.config.name`, 'conv2d_1', 'CORRUPT_FILE', 'conv2d_1'],
    [`${CONV}.config.batch_input_shape`, [null, 2 ** 30, 2 ** 30, 1], 'TOO_LARGE', 'conv2d_1'],
    [`${CONV}.config.batch_input_shape`, [null, -3, 3, 1], 'CORRUPT_FILE', '-3'],
    [`${CONV}.config.batch_input_shape`, [null, 0.5, 3, 1], 'CORRUPT_FILE', 'inputShape[0]'],
    [`${CONV}.config.batch_input_shape`, [null, null, 3, 1], 'CORRUPT_FILE', 'its kernel depends on sizes'],
    [`${CONV}.config.batch_input_shape`, [null, 3, 3, null], 'CORRUPT_FILE', 'conv2d_1: its kernel depends'],
    [`${CONV}.config.batch_input_shape`, undefined, 'CORRUPT_FILE', 'inputShape'],
    [`${CONV}.config.kernel_size`, [4, 4], 'CORRUPT_FILE', 'kernel 4x4'],
    [LAYERS, new Array(10_001).fill({}), 'CORRUPT_FILE', '10001 layers'],
  ])('with %s = %j is refused', async (path, value, code, text) => {
    await victim.damage(path, value);
    await victim.refuses(code, text);
  });

  it('never changes Object.prototype', async () => {
    const evil = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}';
    await victim.damage(`${CONV}.config.evil`, 1, (text) => text.replace('"evil":1', evil));
    await victim.refuses('UNSUPPORTED', 'conv2d_1');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('nesting of 10,000', () => {
  it.each<Damage>([
    [`${FLATTEN}.config.x`, '{}', 'CORRUPT_FILE', 'more than 128 deep'],
    [`${FLATTEN}.config.x`, '[]', 'CORRUPT_FILE', 'more than 128 deep'],
    ['modelTopology', '{}', 'CORRUPT_FILE', 'more than 128 deep'],
    ['trainingConfig.optimizer_config', '{}', 'CORRUPT_FILE', 'more than 128 deep'],
    ['trainingConfig.metrics', '[]', 'CORRUPT_FILE', 'more than 128 deep'],
    ['weightsManifest', '{}', 'CORRUPT_FILE', 'not a list'],
    ['weightsManifest', '[]', 'CORRUPT_FILE', 'paths and weights'],
    [`${WEIGHTS}.0.shape`, '[]', 'CORRUPT_FILE', 'has the shape [[['],
    [`${WEIGHTS}.0.dtype`, '[]', 'UNSUPPORTED', 'of dtype [[['],
    ['format', '[]', 'CORRUPT_FILE', 'its format is [[['],
  ])('at %s of %s is refused', async (path, kind, code, text) => {
    const [open, close] = kind === '[]' ? ['[', ']'] : ['{"a":', '}'];
    const deep = `${open.repeat(10_000)}1${close.repeat(10_000)}`;
    await victim.damage(path, '@deep@', (json) => json.replace('"@deep@"', deep));
    await victim.refuses(code, text);
  });
});
