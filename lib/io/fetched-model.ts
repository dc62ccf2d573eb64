import { createHash } from 'node:crypto';
import { turnOfEventLoop } from '../program/sliced-work.js';
import { byteLength, MemoryReader } from './bytes.js';
import { corrupt, otherKind } from './failures.js';
import { fetchBytes, labelOfUrl, memoryLimit, urlBeside } from './fetch-bytes.js';
import { kindOfHead } from './file-kinds.js';
import { readManifest, storedBytes, type WeightGroup } from './manifest.js';
import type { ModelSource, SourceOptions } from './source.js';
import { MAX_MEGABYTES, parseModelJson } from './read-model-json.js';
import { checkWeightsPath, otherBytes } from './shards.js';
import { BYTES_PER_TURN } from './write-files.js';

/** Maximum number of bytes of a model.json. */
export const MAX_JSON_BYTES = MAX_MEGABYTES * 2 ** 20;

/** Opens a model.json that a server has. Its weights lie in the same folder. Rejects as loadLayersModel. */
export async function openFetched(url: string, options: SourceOptions): Promise<ModelSource> {
  const label = labelOfUrl(url, options.what);
  const bytes = await fetchBytes(url, label, { limit: () => MAX_JSON_BYTES, signal: options.signal });
  return openFetchedJson(url, bytes, options);
}

/** Opens a model.json that was fetched. The weights are fetched when they are read, a group at a time. */
export function openFetchedJson(
  url: string,
  bytes: Uint8Array,
  { what, formats, signal }: SourceOptions,
): ModelSource {
  const label = labelOfUrl(url, what);
  const kind = kindOfHead(bytes);
  if (kind) throw otherKind(label, kind);
  const json = parseModelJson(label, new TextDecoder().decode(bytes), formats);
  const groups = readManifest(label, json);
  for (const { paths } of groups) for (const path of paths) checkWeightsPath(label, path);
  return {
    label,
    json,
    entries: groups.flatMap(({ weights }) => weights),
    readWeights: async (read) => {
      for (const group of groups) {
        const reader = new MemoryReader(await fetchGroup(url, label, group, signal), label);
        for (const entry of group.weights) await read(entry, reader);
      }
    },
  };
}

/** Fetches the files of a group. Rejects with CORRUPT_FILE unless they have the bytes that its weights need. */
async function fetchGroup(
  url: string,
  label: string,
  { paths, weights, checksums }: WeightGroup,
  signal: AbortSignal | undefined,
): Promise<Uint8Array[]> {
  const needed = weights.reduce((sum, entry) => sum + storedBytes(entry), 0);
  const pieces: Uint8Array[] = [];
  for (const path of paths) {
    const beside = urlBeside(url, path);
    const file = labelOfUrl(beside, label);
    const limit = () => Math.min(memoryLimit(), needed - byteLength(pieces));
    pieces.push(await fetchBytes(beside, file, { limit, signal }));
  }
  const found = byteLength(pieces);
  if (found !== needed) throw corrupt(label, `its weights need ${needed} bytes, but its files have ${found}`);
  for (const [i, sum] of (checksums ?? []).entries()) {
    if ((await sha256(pieces[i])) !== sum) throw otherBytes(`${label}: ${paths[i]}`);
  }
  return pieces;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += BYTES_PER_TURN) {
    hash.update(bytes.subarray(at, at + BYTES_PER_TURN));
    await turnOfEventLoop();
  }
  return hash.digest('hex');
}
