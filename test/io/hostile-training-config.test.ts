import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'vitest';
import { CHECKSUMS, type Damage, Victim, WEIGHTS } from './victim.js';

const victim = new Victim();
const OPTIMIZER = 'trainingConfig.optimizer_config';

describe('training config', () => {
  it.each<Damage>([
    ['trainingConfig', [], 'CORRUPT_FILE', 'trainingConfig is not an object'],
    [OPTIMIZER, undefined, 'CORRUPT_FILE', 'no optimizer_config'],
    [`${OPTIMIZER}.class_name`, undefined, 'CORRUPT_FILE', 'no class_name'],
    [`${OPTIMIZER}.class_name`, 'constructor', 'UNSUPPORTED', 'constructor'],
    [`${OPTIMIZER}.class_name`, '__proto__', 'UNSUPPORTED', '__proto__'],
    [`${OPTIMIZER}.config.learningRate`, -1, 'CORRUPT_FILE', '-1'],
    [`${OPTIMIZER}.config.amsgrade`, true, 'CORRUPT_FILE', 'amsgrade'],
    ['trainingConfig.loss', '__proto__', 'UNSUPPORTED', 'loss'],
    ['trainingConfig.loss', undefined, 'CORRUPT_FILE', 'the loss is undefined'],
    ['trainingConfig.loss', { class_name: 'Constructor' }, 'UNSUPPORTED', "no loss 'Constructor'"],
    ['trainingConfig.metrics', ['constructor'], 'UNSUPPORTED', 'constructor'],
    ['trainingConfig.metrics', [{}], 'CORRUPT_FILE', 'metrics'],
    [OPTIMIZER, { class_name: 'SGD', config: { learningRate: 1 } }, 'CORRUPT_FILE', 'sgd has 1 values'],
    [`${WEIGHTS}.4.shape`, [0], 'CORRUPT_FILE', 'bytes'],
    [`${WEIGHTS}.5.shape`, [8], 'CORRUPT_FILE', 'needs float32 [2, 2, 1, 2]'],
    [`${WEIGHTS}.10.dtype`, 'int32', 'CORRUPT_FILE', 'is int32 [2]'],
  ])('with %s = %j is refused', async (path, value, code, text) => {
    await victim.damage(path, value);
    await victim.refuses(code, text);
  });

  it('with a negative step count is refused', async () => {
    const bytes = await readFile(victim.weights);
    bytes.writeInt32LE(-1, (8 + 2 + 16 + 2) * 4);
    await writeFile(victim.weights, bytes);
    await victim.damage(CHECKSUMS, undefined);
    await victim.refuses('CORRUPT_FILE', 'whole number of steps');
  });
});
