import { join } from 'node:path';
import { cacheFolder } from '../datasets/cache.js';
import { givenFolder } from '../datasets/dataset-options.js';
import { EMNIST_SPLITS, emnist, emnistSet } from '../datasets/emnist.js';
import { FASHION_MNIST } from '../datasets/fashion-mnist.js';
import { hasFiles } from '../datasets/folder.js';
import type { IdxSet, ImageDataset, ImageSet } from '../datasets/image-set.js';
import { MNIST } from '../datasets/mnist.js';
import { loadSet } from './load-set.js';

/** A dataset that is known by its name. */
export interface KnownSet {
  name: string;
  title: string;
  /** For lists: what it has. */
  about: string;
  /** Whether a mirrored image is still one of its class. */
  mirrors: boolean;
  /** How to get it where it is missing. */
  getting: string;
  load(log: (message: string) => void): Promise<ImageDataset>;
  /** The folders that are searched, in their order. */
  places(): readonly string[];
  /** The first of `places` that has all files. */
  find(): Promise<string | undefined>;
}

/** The names with a hyphen before a split, and the number of classes. */
const EMNIST = 'emnist-';

/** The sets that can be trained on by name; the first is the default. */
export const KNOWN_SETS: readonly KnownSet[] = [
  downloaded(FASHION_MNIST, '60,000 + 10,000 images of clothes, 10 classes', true),
  downloaded(MNIST, '60,000 + 10,000 handwritten digits, 10 classes', false),
  ...EMNIST_SPLITS.map((split): KnownSet => {
    const set = emnistSet(split);
    return {
      name: `${EMNIST}${split}`,
      title: set.title,
      about: `handwritten characters, ${set.classNames.length} classes`,
      mirrors: false,
      getting: "get gzip.zip from NIST's page on EMNIST, unpack it, and name the folder by CONVFORGE_DATA",
      load: () => emnist(split),
      ...searched(set, []),
    };
  }),
];

function downloaded(set: ImageSet, about: string, mirrors: boolean): KnownSet {
  const { name, title, debianPackage } = set;
  return {
    name,
    title,
    about,
    mirrors,
    getting:
      'downloaded by the first training' +
      (debianPackage === undefined ? '' : `, or apt-get install ${debianPackage}`),
    load: (log) => loadSet(set, log),
    ...searched(set, [join(cacheFolder(), name), set.systemFolder]),
  };
}

/** Where a set is looked for: in the folder that the user named, or else in `usual` ones. */
function searched(set: IdxSet, usual: readonly string[]): Pick<KnownSet, 'places' | 'find'> {
  const places = () => {
    const given = givenFolder({});
    return given ? [join(given.folder, set.name), given.folder] : usual;
  };
  const find = async () => {
    for (const folder of places()) if (await hasFiles(set, folder)) return folder;
    return undefined;
  };
  return { places, find };
}

export function findKnownSet(name: string): KnownSet | undefined {
  return KNOWN_SETS.find((set) => set.name === name);
}
