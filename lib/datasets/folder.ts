import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { readKnownFile } from './checksums.js';
import { asClasses, withChannels } from './idx.js';
import { fileNames, type ImageDataset, type ImageSet, type ImageSetPart } from './image-set.js';

/**
 * The set from the files of one folder, each gzipped or not.
 * @throws DATASET_NOT_FOUND if the folder lacks some; CORRUPT_FILE if one isn't what it should be; IO_ERROR.
 */
export async function readFolder(set: ImageSet, folder: string): Promise<ImageDataset> {
  const present = await filesOf(folder);
  const missing = fileNames(set).filter((name) => nameIn(present, name) === undefined);
  if (missing.length > 0) {
    const what = missing.length === fileNames(set).length ? 'its files' : missing.join(', ');
    throw new ConvforgeError('DATASET_NOT_FOUND', `${folder} lacks ${what}`);
  }
  const read = (part: ImageSetPart) => {
    const file = set.files[part];
    return readKnownFile(file, join(folder, nameIn(present, file.name) as string));
  };
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

/** The set from a folder that someone named: from its subfolder for this set, if that has all files, or else from itself. */
export async function readGivenFolder(set: ImageSet, folder: string, givenBy: string): Promise<ImageDataset> {
  for (const candidate of [join(folder, set.name), folder]) {
    const present = await filesOf(candidate);
    if (fileNames(set).every((name) => nameIn(present, name))) return readFolder(set, candidate);
  }
  throw new ConvforgeError(
    'DATASET_NOT_FOUND',
    `The folder ${folder}, given by ${givenBy}, lacks files of ${set.title}: it, or its subfolder '${set.name}', must have ` +
      `${fileNames(set).join(', ')}, each as it is or as .gz. Put them there, or leave the folder out to have them fetched.`,
  );
}

/** How `name` is called among `present`; the .gz goes first, since that is what the cache replaces. */
function nameIn(present: ReadonlySet<string>, name: string): string | undefined {
  return [`${name}.gz`, name].find((candidate) => present.has(candidate));
}

/** Empty where there is no such folder. */
async function filesOf(folder: string): Promise<Set<string>> {
  try {
    return new Set(await readdir(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
    const { message } = error as Error;
    throw new ConvforgeError('IO_ERROR', `Can't read the folder ${folder}: ${message}.`, { cause: error });
  }
}
