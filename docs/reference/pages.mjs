// The pages of the site by section, in the order of its navigation. Pages of docs/ that no section names end the
// guides.
import { readdirSync } from 'node:fs';

const DOCS = new URL('../', import.meta.url);

const START = ['getting-started', 'convolutional-networks', 'install', 'files', 'from-keras', 'from-tfjs'];
const GUIDES = [
  'own-images',
  'data',
  'transfer-learning',
  'graph-operations',
  'custom-training',
  'callbacks',
  'checkpoints',
  'reproducibility',
  'training-faster',
  'distributed',
  'report',
  'serving',
  'training-in-a-server',
  'deploying',
  'cli',
  'compare',
  'troubleshooting',
];
const BACKGROUND = ['types', 'performance', 'reliability', 'releasing', 'reference/ops'];

const found = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -3));
const existing = (pages) => pages.filter((page) => found.includes(page) || page === 'reference/ops');
const others = found.filter((page) => ![...START, ...GUIDES, ...BACKGROUND].includes(page));

/** [section, pages], where a page is a path in docs/ without its ending. */
export const SECTIONS = [
  ['Start here', existing(START)],
  ['Guides', [...existing(GUIDES), ...others]],
  ['Background', existing(BACKGROUND)],
];
