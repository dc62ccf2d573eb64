export {
  type BatchLogs,
  Callback,
  type CallbackHooks,
  type CallbackLike,
  type CallbackObject,
  type CallbackParams,
} from './callback.js';
export { CustomCallback, customCallback } from './custom-callback.js';
export { History } from './history.js';
