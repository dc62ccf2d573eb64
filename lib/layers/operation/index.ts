export {
  applyOperation,
  type OperationCallOptions,
  type OperationConstant,
  type OperationInput,
} from './apply.js';
export { Operation, type OperationOptions } from './operation.js';
export type { ConstantOption } from './options.js';
export type { SizeExpression, SizeFunction } from './sizes.js';
