import {
  Callback,
  type CallbackHooks,
  type CallbackState,
  checkHooks,
  HOOK_NAMES,
  STATE_NAMES,
} from './callback.js';

/** A callback made of functions: `new CustomCallback({onEpochEnd: (epoch, logs) => ...})`. */
export class CustomCallback extends Callback {
  constructor(hooks: CallbackHooks & CallbackState) {
    super();
    checkHooks(hooks, [...HOOK_NAMES, ...STATE_NAMES]);
    Object.assign(this, hooks);
  }
}

/** Creates a {@link CustomCallback}. */
export function customCallback(hooks: CallbackHooks & CallbackState): CustomCallback {
  return new CustomCallback(hooks);
}
