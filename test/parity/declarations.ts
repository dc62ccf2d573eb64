import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The names of parameters by function. For an overloaded function, those of its longest form. */
export type Parameters = Map<string, string[]>;

/** The texts of a folder's files with this ending, without their comments. */
export function textsOf(folder: string, ending: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => withoutComments(readFileSync(join(folder, name), 'utf8')))
    .join('\n');
}

export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** The parameters of top-level functions. `gather_` counts as gather. */
export function functionsIn(text: string): Parameters {
  return collect(text, /^(?:export )?(?:declare )?(?:async )?function (\w+?)_?(?=[<(])/gm);
}

/** The parameters of the methods of a class or interface. */
export function methodsIn(text: string, name: string): Parameters {
  const found: Parameters = new Map();
  const heads = new RegExp(`\\b(?:class|interface) ${name}\\b[^{]*`, 'g');
  for (const head of text.matchAll(heads)) {
    const start = head.index + head[0].length;
    const body = text.slice(start, start + lengthOfBlock(text.slice(start)));
    const methods = collect(
      body,
      /^ {2,8}(?:(?:override|async|static|abstract) )*(?!if\b|for\b|return\b|super\b)(\w+)(?=[<(])/gm,
    );
    for (const [method, parameters] of methods) keepLongest(found, method, parameters);
  }
  return found;
}

function collect(text: string, heads: RegExp): Parameters {
  const found: Parameters = new Map();
  for (const head of text.matchAll(heads)) {
    let at = head.index + head[0].length;
    if (text[at] === '<') at += lengthOfBlock(text.slice(at));
    if (text[at] === '(') keepLongest(found, head[1], parametersAt(text.slice(at)));
  }
  return found;
}

function keepLongest(found: Parameters, name: string, parameters: string[]): void {
  if (parameters.length >= (found.get(name)?.length ?? 0)) found.set(name, parameters);
}

/** The text from an opening bracket to its closing one. */
function lengthOfBlock(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if ('([{<'.includes(text[i])) depth++;
    if (')]}'.includes(text[i]) || (text[i] === '>' && text[i - 1] !== '=')) depth--;
    if (depth === 0) return i + 1;
  }
  return text.length;
}

/** The names in "(a: T, { b, c }: U = {}, ...rest: V[])". */
function parametersAt(text: string): string[] {
  const inside = text.slice(1, lengthOfBlock(text) - 1);
  const parts: string[] = [''];
  let depth = 0;
  for (let i = 0; i < inside.length; i++) {
    if ('([{<'.includes(inside[i])) depth++;
    if (')]}'.includes(inside[i]) || (inside[i] === '>' && inside[i - 1] !== '=')) depth--;
    if (depth === 0 && inside[i] === ',') parts.push('');
    else parts[parts.length - 1] += inside[i];
  }
  return parts
    .map((part) => part.trim().replace(/[?:=\s][\s\S]*$/, ''))
    .filter((part) => part !== '' && part !== 'this');
}
