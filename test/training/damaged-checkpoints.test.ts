import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FitOptions } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { bitsOf, trainIn } from '../support/resumed-fits.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pathOf = temporaryFolder();
let dir: string;
beforeEach(() => {
  dir = pathOf('checkpoints');
});

const train = (options?: FitOptions) => trainIn(dir, options);

describe('a damaged checkpoint', () => {
  let expected: string;
  beforeEach(async () => {
    expected = await bitsOf(await train());
  });

  /** Expects the older checkpoint to be taken, with one line that names `file`, and the same end. */
  async function expectOlder(file: string): Promise<void> {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const model = await train({ resume: true });
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(`${file}.*The checkpoint before it, checkpoint-000002, is taken`)],
    ]);
    warned.mockRestore();
    expect(await bitsOf(model)).toBe(expected);
    // The damaged one is gone, and the older one is kept beside the new one.
    expect(readdirSync(dir)).toEqual(['checkpoint-000002', 'checkpoint-000004']);
  }

  /** Damages the newest checkpoint's files in many ways, with a fresh copy each. */
  async function eachDamage(damages: readonly ((path: string) => void)[], file: string): Promise<void> {
    cpSync(dir, pathOf('copy'), { recursive: true });
    for (const damage of damages) {
      rmSync(dir, { recursive: true });
      cpSync(pathOf('copy'), dir, { recursive: true });
      damage(join(dir, 'checkpoint-000003', file));
      await expectOlder(file);
    }
  }

  it.each(['manifest.json', 'arrays.bin'])('truncated in %s, or longer', async (file) => {
    const { length } = readFileSync(join(dir, 'checkpoint-000003', file));
    const sizes = [0, 1, 77, 78, 79, 500, length - 1000, length - 2, length - 1];
    const damages = sizes.map((size) => (path: string) => truncateSync(path, size));
    await eachDamage([...damages, (path) => writeFileSync(path, '\n', { flag: 'a' })], file);
  });

  it.each(['manifest.json', 'arrays.bin'])('with a flipped bit in %s', async (file) => {
    const bytes = readFileSync(join(dir, 'checkpoint-000003', file));
    const places = [
      0,
      5,
      11,
      60,
      75,
      76,
      77,
      78,
      ...Array.from({ length: 30 }, (_, i) => Math.floor((i / 30) * bytes.length)),
      bytes.length - 1,
    ];
    await eachDamage(
      places.map((at, i) => (path: string) => {
        const flipped = Buffer.from(bytes);
        flipped[at] ^= 1 << (i % 8);
        writeFileSync(path, flipped);
      }),
      file,
    );
  });

  it.each(['manifest.json', 'arrays.bin'])('without %s', (file) =>
    eachDamage([(path) => rmSync(path)], file),
  );

  it('is told by an error if no other is whole', async () => {
    for (const name of readdirSync(dir)) truncateSync(join(dir, name, 'arrays.bin'), 3);
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    await expectError(
      () => train({ resume: true }),
      'CORRUPT_FILE',
      /none of its checkpoints is whole.*arrays\.bin/,
    );
    warned.mockRestore();
    await train();
    await train({ resume: true });
  });

  it('whose parts are not of a fit, though its checksum is right', async () => {
    cpSync(dir, pathOf('copy'), { recursive: true });
    const [, newest] = readdirSync(dir);
    const path = join(dir, newest, 'manifest.json');
    const text = readFileSync(path, 'utf8').slice(78);
    for (const [from, to] of [
      [/"epoch":3/, '"epoch":-1'],
      [/"seed":4/, '"seed":{}'],
      [/"key":\[/, '"key":[1,'],
      [/"weights":\[\{"\$array":0\}/, '"weights":[{"$array":10000}'],
      [/"weights":\[\{"\$array":0\}/, '"weights":["x"'],
      [/"callbacks":\[/, '"callbacks":[7,'],
      [/"data":\{/, '"data":7,"_":{'],
      [/"arrays":\{/, '"arrays":0,"_":{'],
      [/"format":"convforge-checkpoint"/, '"format":""'],
    ] as const) {
      const rest = text.replace(from, to);
      expect(rest).not.toBe(text);
      rmSync(dir, { recursive: true });
      cpSync(pathOf('copy'), dir, { recursive: true });
      writeFileSync(path, `{"sha256":"${createHash('sha256').update(rest).digest('hex')}",\n${rest}`);
      const warned = vi.spyOn(console, 'warn').mockReturnValue();
      const failure = await train({ resume: true }).catch(({ code }) => code);
      expect(failure === 'CORRUPT_FILE' || warned.mock.calls.length === 1, String(from)).toBe(true);
      warned.mockRestore();
    }
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'that may not be read is an IO_ERROR',
    async () => {
      chmodSync(join(dir, 'checkpoint-000003', 'arrays.bin'), 0);
      await expectError(() => train({ resume: true }), 'IO_ERROR', /arrays\.bin/);
    },
  );
});
