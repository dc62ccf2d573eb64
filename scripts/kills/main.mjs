// Kills trainings with SIGKILL at random points, resumes them, and compares what they leave with one never killed: weights,
// optimizer, history and CSV file, bit for bit. A third of the kills hit while a checkpoint or a model is being written. A
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

/**
 * Runs a training, and kills it as `plan` says: {after} milliseconds after it began, or at its {nth} temporary
 * file. Resolves to whether it was killed, and whether a temporary file was left.
 */
async function run(kind, folder, plan, env = {}) {
  const child = spawn(process.execPath, [TRAINING, kind, folder], { env: { ...process.env, ...env } });
  let err = '';
  let killed = false;
  const kill = () => {
    killed = child.kill('SIGKILL') || killed;
  };
  let timer;
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout.on('data', () => {
    if (plan?.after !== undefined) timer = setTimeout(kill, plan.after);
  });
  let seen = 0;
  const names = new Set();
  const watchers =
    plan?.nth === undefined
      ? []
      : plan.places.map((place) =>
          watch(place, (_event, name) => {
            if (!name?.endsWith('.tmp') || names.has(name)) return;
            names.add(name);
            seen++;
            if (seen === plan.nth) kill();
          }),
        );
  const [code, signal] = await new Promise((resolve) => child.on('close', (...end) => resolve(end)));
  clearTimeout(timer);
  for (const each of watchers) each.close();
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`${kind} in ${folder}: code ${code}\n${err}`);
  const temporaries = (plan?.places ?? []).flatMap((place) =>
    readdirSync(place).filter((name) => name.endsWith('.tmp')),
  );
  return { killed: signal === 'SIGKILL' && killed, temporaries: temporaries.length };
}

/** What a training leaves, as text. */
function leftIn(folder) {
  return readFileSync(join(folder, 'result.json'), 'utf8') + readFileSync(join(folder, 'log.csv'), 'utf8');
}

const root = mkdtempSync(join(tmpdir(), 'convforge-kills-'));
const counts = { kills: 0, inWriting: 0, withTemporary: 0, trainings: 0, loads: 0 };
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
    const places = [join(folder, 'checkpoints'), join(folder, 'model')];
    for (const place of places) mkdirSync(place, { recursive: true });
    const reader = fork(join(here, 'reader.cjs'), [places[1]], { stdio: 'inherit' });
    const reading = new Promise((resolve, reject) => {
      reader.on('message', ({ loads }) => {
        counts.loads += loads;
        resolve();
      });
      reader.on('exit', (code) => code !== 0 && reject(new Error(`the reader ended with ${code}`)));
    });
    reading.catch(() => {});
    // Several kills of one training.
    for (let left = Math.min(5, KILLS - counts.kills), isKilled = true; isKilled; ) {
      const inWriting = random() < 0.4;
      const plan = inWriting
        ? { nth: 1 + Math.floor(random() * 12), places }
        : { after: random() * 400, places };
      const outcome = await run(kind, folder, left > 0 ? plan : undefined);
      isKilled = outcome.killed;
      if (!isKilled) continue;
      left--;
      counts.kills++;
      if (inWriting) counts.inWriting++;
      if (outcome.temporaries > 0) counts.withTemporary++;
    }
    counts.trainings++;
    if (leftIn(folder) !== leftIn(whole))
      throw new Error(`${kind} in ${folder} differs from one never killed`);
    const strays = places.flatMap((place) => readdirSync(place)).filter((name) => name.endsWith('.tmp'));
    if (strays.length > 0) throw new Error(`${folder} has ${strays}`);
    const checkpoints = readdirSync(places[0]);
    if (checkpoints.length !== 2) throw new Error(`${folder} has the checkpoints ${checkpoints}`);
    reader.send('end');
    await reading;
    rmSync(folder, { recursive: true });
  }
  rmSync(root, { recursive: true });
} finally {
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${counts.kills} kills of ${counts.trainings} trainings, ${counts.inWriting} of them at a temporary file; ` +
      `${counts.withTemporary} left one; ${counts.loads} loads meanwhile; ${seconds} s`,
  );
}
console.log('all ended as if never killed');
process.exit(0);
