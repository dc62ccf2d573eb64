import type { OpName } from '../../description.js';
import type { Op } from '../op.js';
import * as list from './list.js';

/** The ops that compute something: all but `input`. */
type ComputedOp = Exclude<OpName, 'input'>;

// Fails to compile unless each contract has an op and each op a contract.
const ops: { readonly [Name in ComputedOp]: Op<Name> } = list;

export function opOf(name: ComputedOp): Op {
  return ops[name] as Op;
}
