import { ConvforgeError } from '../errors.js';
import { unsupported } from '../io/failures.js';
import { isOperation } from '../layers/operation/options.js';
import { show } from '../options.js';
import { FOLDED_OPS } from './fold.js';
import type { Graph, GraphNode } from './graph.js';
import { MAPPERS, OPERATIONS } from './ops/index.js';

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
  if (Object.hasOwn(OPERATIONS, op) && !isOperation(OPERATIONS[op])) return false;
  return OTHER_OPS.includes(op) || Object.hasOwn(MAPPERS, op) || FOLDED_OPS.has(op);
}

/** Throws UNSUPPORTED, listing all such nodes. */
export function checkOps(path: string, graph: Graph): void {
  const refused = refusals(graph);
  if (refused.length === 0) return;
  const listed = refused.slice(0, MAX_LISTED).map(({ name, op }) => `${op} at ${show(name)}`);
  throw unsupported(
    path,
    `${refused.length} of its operations can't be loaded: ${listed.join(', ')}${more(refused)}`,
  );
}

/** One error of the errors of several nodes. */
export function joinedErrors(errors: readonly ConvforgeError[]): ConvforgeError {
  const [first, ...others] = errors;
  if (others.length === 0) return first;
  const rest = others.slice(0, MAX_LISTED - 1).map(({ message }) => message);
  return new ConvforgeError('UNSUPPORTED', [first.message, ...rest].join(' ') + more(errors), {
    cause: first,
  });
}

function more({ length }: readonly unknown[]): string {
  return length > MAX_LISTED ? ` and ${length - MAX_LISTED} more` : '';
}
