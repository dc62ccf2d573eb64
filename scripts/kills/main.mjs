// Kills trainings with SIGKILL at random points, resumes them, and compares what they leave with one never killed: weights,
// optimizer, history and CSV file, bit for bit. Half of the kills come while a checkpoint or a model is being written. A
// reader loads the models that the trainings save over each other.
// Usage: node scripts/kills/main.mjs [--kills 100] [--seed 1]
import { fork, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
  },
});
const KILLS = Number(values.kills);
const here = dirname(fileURLToPath(import.meta.url));
const TRAINING = join(here, 'training.cjs');
const OPTIMIZERS = ['sgd', 'adam', 'adamw', 'adamax', 'nadam', 'rmsprop', 'adagrad', 'adadelta', 'lion'];
const KINDS = OPTIMIZERS.flatMap((name) => [`fit ${name}`, `fitDataset ${name}`]);

/** Numbers in [0, 1) from the seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = generator(Number(values.seed));

/** The temporary files and folders in a folder. */
const temporariesIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

const known = new Set();

/** Whether the folder has temporary files that it didn't have before. */
function hasNewTemporary(folder) {
  const found = temporariesIn(folder).filter((name) => !known.has(name));
  for (const name of found) known.add(name);
  return found.length > 0;
}

/**
 * Runs a training, and kills it as `plan` says: `after` so many milliseconds, or at the `nth` temporary file in
 * `place`; without a plan it runs to its end. Resolves to whether it was killed.
 */
async function run(kind, folder, plan = {}, env = {}) {
  const child = spawn(process.execPath, [TRAINING, kind, folder], { env: { ...process.env, ...env } });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const kill = () => child.kill('SIGKILL');
  let timer;
  if (plan.after !== undefined)
    child.stdout.once('data', () => {
      timer = setTimeout(kill, plan.after);
    });
  const seen = new Set();
  const onChange = (_event, name) => {
    if (!name?.endsWith('.tmp') || seen.has(name)) return;
    seen.add(name);
    if (seen.size === plan.nth) kill();
  };
  const watcher = plan.place && watch(plan.place, onChange);
  const [code, signal] = await new Promise((resolve) => child.on('close', (...end) => resolve(end)));
  clearTimeout(timer);
  watcher?.close();
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`${kind} in ${folder}: code ${code}\n${err}`);
  return signal === 'SIGKILL';
}

/** A random plan for a kill: half of them while a checkpoint or a model is being written. */
function drawPlan(checkpoints, models) {
  const chance = random();
  if (chance < 0.35) return { place: checkpoints, nth: 1 + Math.floor(random() * 12) };
  if (chance < 0.5) return { place: models, nth: 1 + Math.floor(random() * 6) };
  return { after: random() * 400 };
}

/** What a training leaves, as text. */
function leftIn(folder) {
  return readFileSync(join(folder, 'result.json'), 'utf8') + readFileSync(join(folder, 'log.csv'), 'utf8');
}

const root = mkdtempSync(join(tmpdir(), 'convforge-kills-'));
const counts = { kills: 0, inCheckpoint: 0, inModel: 0, trainings: 0, loads: 0 };
const started = Date.now();
try {
  console.log(`${KILLS} kills, seed ${values.seed}`);
  for (let i = 0; counts.kills < KILLS; i++) {
    const kind = KINDS[Math.floor(random() * KINDS.length)];
    const whole = join(root, `whole-${kind.replace(' ', '-')}`);
    if (!existsSync(whole)) {
      mkdirSync(whole);
      await run(kind, whole, undefined, { CHECKPOINTS: 'no' });
    }
    const folder = join(root, `killed-${i}`);
    const [checkpoints, models] = ['checkpoints', 'model'].map((name) => join(folder, name));
    for (const place of [checkpoints, models]) mkdirSync(place, { recursive: true });
    const reader = fork(join(here, 'reader.cjs'), [models], { stdio: 'inherit' });
    const reading = new Promise((resolve, reject) => {
      reader.on('message', ({ loads }) => {
        counts.loads += loads;
        resolve();
      });
      reader.on('exit', (code) => code !== 0 && reject(new Error(`the reader ended with ${code}`)));
    });
    reading.catch(() => {});
    // Several kills of one training.
    for (let left = Math.min(5, KILLS - counts.kills); ; left--) {
      if (!(await run(kind, folder, left > 0 ? drawPlan(checkpoints, models) : {}))) break;
      counts.kills++;
      if (hasNewTemporary(checkpoints)) counts.inCheckpoint++;
      if (hasNewTemporary(models)) counts.inModel++;
    }
    counts.trainings++;
    if (leftIn(folder) !== leftIn(whole))
      throw new Error(`${kind} in ${folder} differs from one never killed`);
    const strays = [checkpoints, models].flatMap(temporariesIn);
    if (strays.length > 0) throw new Error(`${folder} has ${strays}`);
    const kept = readdirSync(checkpoints);
    if (kept.length !== 2) throw new Error(`${folder} has the checkpoints ${kept}`);
    reader.send('end');
    await reading;
    rmSync(folder, { recursive: true });
  }
  rmSync(root, { recursive: true });
} finally {
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${counts.kills} kills of ${counts.trainings} trainings: ${counts.inCheckpoint} left an unfinished checkpoint, ` +
      `${counts.inModel} an unfinished model; ${counts.loads} loads meanwhile; ${seconds} s`,
  );
}
console.log('all ended as if never killed');
process.exit(0);
