import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { type OptionChecks, show } from '../options.js';

/** An image to decode, and the number of its class. */
export interface ImageFile {
  path: string;
  label: number;
}

export interface ImageFolder {
  classNames: readonly string[];
  files: readonly ImageFile[];
}

const IMAGE_NAME = /\.(png|jpe?g|webp|avif)$/i;

/**
 * Lists the images of a folder, class by class. A class's images come folder by folder, in the order of paths
 * and names, as Keras lists them.
 *
 * @param given The classes to take, in the order of their numbers. Default: all subfolders, by name.
 * @throws IO_ERROR; INVALID_ARGUMENT if there are no images, or no subfolder for a given class.
 */
export async function listImages(
  checks: OptionChecks,
  folder: string,
  given?: readonly string[],
): Promise<ImageFolder> {
  const { folders } = await entriesOf(folder, true);
  const missing = given?.find((name) => !folders.includes(name));
  if (missing !== undefined) {
    checks.fail(
      'INVALID_ARGUMENT',
      `classNames has ${show(missing)}, but ${folder} has no such subfolder; it has ${show(folders)}.`,
    );
  }
  const classNames = given ?? folders;
  const files: ImageFile[] = [];
  for (const [label, name] of classNames.entries())
    for (const path of await imagesIn(join(folder, name))) files.push({ path, label });
  if (files.length === 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${folder} has no .png, .jpg, .jpeg, .webp or .avif files in subfolders; make one for each class, such as ${join(folder, 'cats')}.`,
    );
  }
  return { classNames, files };
}

/** The paths of the images in a folder and the folders in it. */
async function imagesIn(folder: string): Promise<string[]> {
  const lists: { folder: string; images: string[] }[] = [];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inside = next;
    const { files, folders } = await entriesOf(inside, false);
    const images = files.filter((name) => IMAGE_NAME.test(name)).map((name) => join(inside, name));
    lists.push({ folder: inside, images });
    waiting.push(...folders.map((name) => join(inside, name)));
  }
  lists.sort((a, b) => (a.folder < b.folder ? -1 : 1));
  return lists.flatMap(({ images }) => images);
}

/**
 * The names of the files and folders in a folder, sorted, without hidden ones.
 *
 * @param followsFolders Whether links to folders count. In deeper folders they could lead in circles.
 */
async function entriesOf(
  folder: string,
  followsFolders: boolean,
): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const { name } = entry;
      if (name.startsWith('.')) continue;
      const kind = entry.isSymbolicLink() ? await stat(join(folder, name)) : entry;
      if (kind.isFile()) files.push(name);
      else if (kind.isDirectory() && (kind === entry || followsFolders)) folders.push(name);
    }
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConvforgeError('IO_ERROR', `Can't read the folder ${folder}: ${message}.`, { cause });
  }
  return { files: files.sort(), folders: folders.sort() };
}
