import { unsupported } from '../io/failures.js';
import { show } from '../options.js';
import { FOLDED_OPS } from './fold.js';
import type { Graph, GraphNode } from './graph.js';
import { MAPPERS } from './ops/index.js';

/** A node that can't be loaded. */
export interface Refusal {
  /** The node's name. */
  name: string;
  op: string;
  problem: string;
}

const OTHER_OPS = ['Const', 'Placeholder', 'NoOp'];

/** Most nodes that an error lists. */
const MAX_LISTED = 40;

/** The nodes that can't be loaded for their op, which no weights are needed to tell. */
export function refusals({ order }: Pick<Graph, 'order'>): Refusal[] {
  return order
    .filter(({ op }) => !isKnownOp(op))
    .map((node) => ({ ...pick(node), problem: 'there is no layer for it' }));
}

function pick({ name, op }: GraphNode) {
  return { name, op };
}

function isKnownOp(op: string): boolean {
  return OTHER_OPS.includes(op) || Object.hasOwn(MAPPERS, op) || FOLDED_OPS.has(op);
}

/** Throws UNSUPPORTED, listing all such nodes. */
export function checkOps(path: string, graph: Graph): void {
  const refused = refusals(graph);
  if (refused.length === 0) return;
  const listed = refused.slice(0, MAX_LISTED).map(({ name, op }) => `${op} at ${show(name)}`);
  const more = refused.length > MAX_LISTED ? ` and ${refused.length - MAX_LISTED} more` : '';
  throw unsupported(path, `${refused.length} of its operations can't be loaded: ${listed.join(', ')}${more}`);
}
