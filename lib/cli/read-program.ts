import { open } from 'node:fs/promises';
import type { ProgramDescription } from '../program/description.js';

/** The description of a program that a file has; undefined where the path is none of such a file. */
export async function readProgram(path: string): Promise<ProgramDescription | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const content: unknown = JSON.parse(await file.readFile('utf8'));
    return isProgram(content) ? content : undefined;
  } catch {
    // What is not valid JSON, or can't be read, is for the loader of models to tell of.
    return undefined;
  } finally {
    await file.close();
  }
}

/** The engine checks the rest. */
function isProgram(content: unknown): content is ProgramDescription {
  return content !== null && typeof content === 'object' && 'version' in content && 'graph' in content;
}
