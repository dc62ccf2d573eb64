import { Callback, type CallbackHooks, checkHooks, HOOK_NAMES } from './callback.js';

/** A callback made of functions: `new CustomCallback({onEpochEnd: (epoch, logs) => ...})`. */
export class CustomCallback extends Callback {
  constructor(hooks: CallbackHooks) {
    super();
    checkHooks(hooks, HOOK_NAMES);
    Object.assign(this, hooks);
  }
}

/** Creates a {@link CustomCallback}. */
export function customCallback(hooks: CallbackHooks): CustomCallback {
  return new CustomCallback(hooks);
}
