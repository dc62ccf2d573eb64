import { OptionChecks, show, unknownName } from '../options.js';
import { Callback, type CallbackHooks, type CallbackLike } from './callback.js';

export type HookName = keyof CallbackHooks;

export const HOOK_NAMES: readonly HookName[] = [
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochEnd',
  'onBatchBegin',
  'onBatchEnd',
  'onNonFinite',
];

const checks: OptionChecks = new OptionChecks('callbacks');

/** A plain object may have nothing but hooks; an instance of a class anything but misspelt hooks. */
export function checkCallback(callback: unknown): CallbackLike {
  if (callback === null || typeof callback !== 'object') {
    const remedy = typeof callback === 'function' ? '; pass an instance, new ...()' : '';
    checks.fail('INVALID_ARGUMENT', `${show(callback)} is no callback${remedy}.`);
  }
  const prototype = Object.getPrototypeOf(callback);
  if (prototype === Object.prototype || prototype === null)
    checkHooks(callback, [...HOOK_NAMES, 'setModel', 'setParams']);
  else checkInstance(callback);
  return callback as CallbackLike;
}

/** UNKNOWN_OPTION for a key that isn't known, INVALID_ARGUMENT for a hook that is no function. */
export function checkHooks(hooks: object, known: readonly string[]): void {
  checks.keys(hooks, known);
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook !== undefined && typeof hook !== 'function') {
      checks.fail('INVALID_ARGUMENT', `${name} is ${show(hook)}; it must be a function.`);
    }
  }
}

/** Whether the callback does something at this moment: the base class's empty hooks don't count. */
export function hasHook(callback: CallbackLike, name: HookName): boolean {
  const hook = callback[name];
  return typeof hook === 'function' && hook !== Callback.prototype[name];
}

function checkInstance(callback: object): void {
  const known: readonly string[] = HOOK_NAMES;
  for (let level = callback; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (/^on[A-Z]/.test(name) && !known.includes(name)) {
        checks.fail('UNKNOWN_OPTION', unknownName('hook', name, known));
      }
    }
  }
}
