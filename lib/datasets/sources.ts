import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { cacheFolder, keepInCache } from './cache.js';
import { download } from './download.js';
import { readFolder, readGivenFolder } from './folder.js';
import { checkOptions, givenFolder } from './dataset-options.js';
import { type DatasetOptions, fileNames, type ImageDataset, type ImageSet } from './image-set.js';

type Log = (message: string) => void;

/** One place to get a dataset from. */
interface Source {
  description: string;
  read(): Promise<ImageDataset>;
}

/**
 * Loads the set from the folder that the user named, or else from the first place that has it: the cache, a
 * system package, a download. Downloads are kept in the cache.
 *
 * @throws DATASET_NOT_FOUND with all places tried; for a named folder also CORRUPT_FILE and IO_ERROR.
 */
export async function loadImageSet(
  caller: string,
  set: ImageSet,
  options: DatasetOptions,
): Promise<ImageDataset> {
  const { log } = checkOptions(caller, options);
  const given = givenFolder(options);
  if (given !== undefined) return readGivenFolder(set, given.folder, given.by);

  const failures: string[] = [];
  for (const { description, read } of sourcesOf(set, log ?? (() => {}))) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ConvforgeError)) throw error;
      failures.push(`- ${description}: ${error.message}`);
    }
  }
  throw new ConvforgeError(
    'DATASET_NOT_FOUND',
    [`${set.title} can't be found.`, ...failures, advice(set)].join('\n'),
  );
}

/** The places, in the order in which they are tried. */
function sourcesOf(set: ImageSet, log: Log): Source[] {
  const cache = join(cacheFolder(), set.name);
  return [
    { description: 'the cache', read: () => readFolder(set, cache) },
    { description: 'a system package', read: () => readFolder(set, set.systemFolder) },
    ...set.addresses.map((address) => ({
      description: `download from ${address}`,
      read: () => fetchSet(set, address, (folder) => download(set, address, folder), log),
    })),
  ];
}

/**
 * Calls `bring` to put the .gz files into a temporary folder, reads them from there, and keeps them in the
 * cache if their checksums are right.
 */
export async function fetchSet(
  set: ImageSet,
  from: string,
  bring: (folder: string) => Promise<void>,
  log: Log,
): Promise<ImageDataset> {
  log(`Getting ${set.title} from ${from} ...`);
  const folder = await mkdtemp(join(tmpdir(), 'convforge-')).catch((error) => {
    throw new ConvforgeError('IO_ERROR', `Can't make a temporary folder: ${error.message}.`, {
      cause: error,
    });
  });
  try {
    await bring(folder);
    const dataset = await readFolder(set, folder);
    // A failure to cache must not withhold the dataset.
    await keepInCache(set, folder).catch((error) => log(`It could not be cached: ${error.message}`));
    return dataset;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function advice(set: ImageSet): string {
  const install =
    set.debianPackage === undefined ? '' : `, or run 'apt-get install ${set.debianPackage}' as root`;
  return (
    `Connect to the network and try again${install}, or put ${fileNames(set).join(', ')} (as they are or as .gz) into a ` +
    `folder and name it by the option 'folder' or the environment variable CONVFORGE_DATA.`
  );
}
