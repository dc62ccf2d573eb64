import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { readKnownFile } from './checksums.js';
import { asClasses, withChannels } from './idx.js';
import { fileNames, type IdxSet, type ImageDataset, type ImageSet, type ImageSetPart } from './image-set.js';

/** The path of each file of a set. */
export type Paths = Record<ImageSetPart, string>;

/**
 * Reads the set from the files of one folder, each gzipped or not.
 *
 * @throws DATASET_NOT_FOUND if the folder lacks some; CORRUPT_FILE if a checksum differs; IO_ERROR.
 */
export async function readFolder(set: ImageSet, folder: string): Promise<ImageDataset> {
  const present = await filesOf(folder);
  const missing = fileNames(set).filter((name) => nameIn(present, name) === undefined);
  if (missing.length > 0) {
    const what = missing.length === fileNames(set).length ? 'its files' : missing.join(', ');
    throw new ConvforgeError('DATASET_NOT_FOUND', `${folder} lacks ${what}`);
  }
  return readFiles(set, pathsIn(folder, present, set));
}

/**
 * Reads the set from a folder that the user named: from its subfolder for this set if that has all files,
 * else from itself.
 */
export async function readGivenFolder(set: ImageSet, folder: string, givenBy: string): Promise<ImageDataset> {
  const advice = 'Put them there, or name no folder to have them downloaded.';
  return readFiles(set, await findInGivenFolder(set, folder, givenBy, advice));
}

/**
 * Finds the files of a set in a folder that the user named: all in its subfolder for this set, or all in
 * itself.
 *
 * @throws DATASET_NOT_FOUND with the files' names and `advice`; IO_ERROR.
 */
export async function findInGivenFolder(
  set: IdxSet,
  folder: string,
  givenBy: string,
  advice: string,
): Promise<Paths> {
  for (const candidate of [join(folder, set.name), folder]) {
    const present = await filesOf(candidate);
    if (fileNames(set).every((name) => nameIn(present, name))) return pathsIn(candidate, present, set);
  }
  throw new ConvforgeError(
    'DATASET_NOT_FOUND',
    `The folder ${folder}, given by ${givenBy}, lacks files of ${set.title}: it, or its subfolder '${set.name}', must have ` +
      `${fileNames(set).join(', ')}, each as it is or as .gz. ${advice}`,
  );
}

/** Whether a folder has all files of a set, each gzipped or not. Rejects with IO_ERROR. */
export async function hasFiles(set: IdxSet, folder: string): Promise<boolean> {
  const present = await filesOf(folder);
  return fileNames(set).every((name) => nameIn(present, name) !== undefined);
}

async function readFiles(set: ImageSet, paths: Paths): Promise<ImageDataset> {
  const read = (part: ImageSetPart) => readKnownFile(set.files[part], paths[part]);
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    read('trainImages'),
    read('trainLabels'),
    read('testImages'),
    read('testLabels'),
  ]);
  return {
    train: { images: withChannels(trainImages), labels: asClasses(trainLabels) },
    test: { images: withChannels(testImages), labels: asClasses(testLabels) },
    classNames: set.classNames,
  };
}

/** The paths in a folder whose files are `present`, which must have all of the set's. */
function pathsIn(folder: string, present: ReadonlySet<string>, set: IdxSet): Paths {
  const path = (part: ImageSetPart) => join(folder, nameIn(present, set.files[part].name) as string);
  return {
    trainImages: path('trainImages'),
    trainLabels: path('trainLabels'),
    testImages: path('testImages'),
    testLabels: path('testLabels'),
  };
}

/** The file's name among `present`. The .gz comes first, since that is what the cache overwrites. */
function nameIn(present: ReadonlySet<string>, name: string): string | undefined {
  return [`${name}.gz`, name].find((candidate) => present.has(candidate));
}

/** The names of the folder's files; none if there is no such folder. */
async function filesOf(folder: string): Promise<Set<string>> {
  try {
    return new Set(await readdir(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
    const { message } = error as Error;
    throw new ConvforgeError('IO_ERROR', `Can't read the folder ${folder}: ${message}.`, { cause: error });
  }
}
