import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConvforgeError } from '../errors.js';
import { isError } from '../realms.js';

/** The names that end a module. */
export const MODULE_NAME = /\.[cm]?[jt]s$/;

/**
 * Loads a user's module of JavaScript, or of TypeScript where this Node or the package tsx can. Resolves to its
 * exports.
 *
 * @throws IO_ERROR if it can't be loaded, with the reason; UNSUPPORTED for TypeScript that nothing here loads.
 */
export async function loadUserModule(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path);
  try {
    const loaded = isTypeScript(file) ? await loadTypeScript(file) : await load(file);
    return (loaded ?? {}) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof ConvforgeError) throw cause;
    // The stack begins with the file and line of a syntax error.
    const reason = isError(cause) ? (cause.stack ?? cause.message) : String(cause);
    throw new ConvforgeError('IO_ERROR', `${path} can't be loaded: ${reason}`, { cause });
  }
}

function isTypeScript(file: string): boolean {
  return extname(file).endsWith('ts');
}

function load(file: string): Promise<unknown> {
  return import(pathToFileURL(file).href);
}

async function loadTypeScript(file: string): Promise<unknown> {
  const { typescript } = process.features as { typescript?: string | false };
  if (typescript) return load(file);
  const tsx = findTsx(file);
  if (tsx) return tsx.require(file, file);
  throw new ConvforgeError(
    'UNSUPPORTED',
    `${file} is TypeScript, which Node ${process.versions.node} doesn't load. Install tsx beside it (npm install --save-dev tsx), use Node 22.18 or later, or compile it to JavaScript.`,
  );
}

/** The part of the package tsx that loads a file and what it imports. */
interface Tsx {
  require(file: string, from: string): unknown;
}

/** tsx as the user's file would find it, or else as this package does. */
function findTsx(file: string): Tsx | undefined {
  for (const from of [file, __filename]) {
    try {
      return createRequire(from)('tsx/cjs/api') as Tsx;
    } catch {
      // It isn't there; the next place may have it.
    }
  }
  return undefined;
}
