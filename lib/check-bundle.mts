import { KEEP_EXTERNAL } from './bundled.js';
import { ConvforgeError } from './errors.js';

/*
 * main.mts imports this module before all others. In an ES module that esbuild made, importing any of them
 * fails, since `require` throws for Node's modules. This error says what to do. Unbundled, an ES module has no
 * `require`.
 */
if (typeof require === 'function') {
  try {
    require('node:module');
  } catch (cause) {
    throw new ConvforgeError('ADDON_UNAVAILABLE', KEEP_EXTERNAL, { cause });
  }
}
