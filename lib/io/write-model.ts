import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isObject, type JsonObject } from './read-model-json.js';
import { renameWhenFree } from './rename.js';
import { removeQuietly, temporariesIn, temporaryPath } from './temporaries.js';
import { syncFolder, unwritable, writeSynced } from './write-files.js';

/** Names of weights files that later saves may remove: named by their content, or as TF.js names them. */
const WEIGHTS_FILE = /^weights(\.[0-9a-f]{16})?\.bin$/;

/** The latest save to each folder. Those of one process to one folder take turns. */
const saves = new Map<string, Promise<void>>();

/**
 * Writes a model.json of these keys, and a file of these pieces whose name is made from its content:
 * "weights.<16 digits of its SHA-256>.bin". Creates the folder if need be.
 *
 * The rename of model.json replaces the whole model at once, since it names other weights than the old one.
 * The old weights go afterwards. Also removes what killed writers left. Rejects with IO_ERROR, and then leaves
 * the old model in place.
 */
export async function writeModel(
  folder: string,
  json: JsonObject,
  weightSpecs: readonly unknown[],
  pieces: readonly Uint8Array[],
): Promise<void> {
  const place = resolve(folder);
  const before = saves.get(place) ?? Promise.resolve();
  const save = before.catch(() => {}).then(() => writeInTurn(place, json, weightSpecs, pieces));
  saves.set(place, save);
  try {
    await save;
  } finally {
    if (saves.get(place) === save) saves.delete(place);
  }
}

async function writeInTurn(
  folder: string,
  { modelTopology, ...rest }: JsonObject,
  weightSpecs: readonly unknown[],
  pieces: readonly Uint8Array[],
): Promise<void> {
  const target = join(folder, 'model.json');
  const temporaries = [temporaryPath(join(folder, 'weights.bin')), temporaryPath(target)];
  const [weightsTemporary, jsonTemporary] = temporaries;
  let placed: string | undefined;
  try {
    await mkdir(folder, { recursive: true });
    await removeStrays(folder);
    const sha256 = await writeSynced(weightsTemporary, pieces);
    const name = `weights.${sha256.slice(0, 16)}.bin`;
    const weightsManifest = [{ paths: [name], weights: weightSpecs, sha256: [sha256] }];
    const text = JSON.stringify({ modelTopology, ...rest, weightsManifest });
    await writeSynced(jsonTemporary, [`${text}\n`]);
    const old = await weightsFilesOf(target);
    if (!old.includes(name)) placed = join(folder, name);
    await renameWhenFree(weightsTemporary, join(folder, name));
    await syncFolder(folder);
    await renameWhenFree(jsonTemporary, target);
    placed = undefined;
    await syncFolder(folder);
    await removeUnused(folder, old);
  } catch (error) {
    for (const path of [...temporaries, ...(placed ? [placed] : [])]) await removeQuietly(path);
    throw unwritable(target, error);
  }
}

/** Removes the temporary files of killed writers, and the weights that only these were about to name. */
async function removeStrays(folder: string): Promise<void> {
  const isOurs = (target: string) => target === 'model.json' || target === 'weights.bin';
  const strays = (await temporariesIn(folder, isOurs)).filter(({ isStray }) => isStray);
  const named = await Promise.all(strays.map(({ path }) => weightsFilesOf(path)));
  for (const { path } of strays) await removeQuietly(path);
  await removeUnused(folder, named.flat());
}

/** Removes those of the files that neither the model names nor one that is about to replace it. */
async function removeUnused(folder: string, files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const coming = await temporariesIn(folder, (target) => target === 'model.json');
  const used = new Set<string>();
  // model.json comes last, since another of them may replace it meanwhile.
  for (const path of [...coming.map(({ path }) => path), join(folder, 'model.json')])
    for (const file of await weightsFilesOf(path)) used.add(file);
  for (const file of files)
    if (!used.has(file)) await rm(join(folder, file), { force: true }).catch(() => {});
}

/** The weights files that a model.json names and that a later save may remove. None if it can't be read. */
async function weightsFilesOf(path: string): Promise<string[]> {
  try {
    const { weightsManifest }: JsonObject = JSON.parse(await readFile(path, 'utf8'));
    const groups = Array.isArray(weightsManifest) ? weightsManifest.filter(isObject) : [];
    const paths: unknown[] = groups.flatMap((group) => group.paths as unknown[]);
    return paths.filter((name): name is string => typeof name === 'string' && WEIGHTS_FILE.test(name));
  } catch {
    return [];
  }
}
