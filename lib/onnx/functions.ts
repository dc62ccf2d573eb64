import { ConvforgeError } from '../errors.js';
import { corrupt } from '../io/failures.js';
import { show } from '../options.js';
import type { AttributeMessage, FunctionMessage, NodeMessage } from './messages.js';

/** Most nodes of the graph and uses of functions: each may use others several times. */
const MAX_NODES = 100_000;
/** How deep functions may use others. */
const MAX_DEPTH = 32;

/**
 * Puts the nodes of a file's functions in the place of the nodes that use them. Throws CORRUPT_FILE for functions
 * that use themselves, TOO_LARGE.
 */
export function inlined(
  file: string,
  nodes: readonly NodeMessage[],
  functions: readonly FunctionMessage[],
): readonly NodeMessage[] {
  if (functions.length === 0) return nodes;
  const known = new Map(functions.map((each) => [keyOf(each.domain, each.name, each.overload), each]));
  const made: NodeMessage[] = [];
  let uses = 0;
  const add = (node: NodeMessage, depth: number) => {
    // Functions without nodes count, too.
    if (made.length + uses > MAX_NODES)
      throw new ConvforgeError('TOO_LARGE', `${file}: its functions come to more than ${MAX_NODES} nodes.`);
    const used = known.get(keyOf(node.domain, node.opType, node.overload));
    if (!used) {
      made.push(node);
      return;
    }
    if (depth === MAX_DEPTH)
      throw corrupt(
        file,
        `the function ${show(used.name ?? '')} uses itself, or lies ${MAX_DEPTH} levels deep`,
      );
    for (const inner of bodyOf(node, used, uses++)) add(inner, depth + 1);
  };
  for (const node of nodes) add(node, 0);
  return made;
}

function keyOf(domain = '', name = '', overload = ''): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload]);
}

/** The nodes of a function for a use, with the names of the values around it. Its own values are numbered by the use. */
function bodyOf(
  use: NodeMessage,
  { name: own, input, output, node, attributeProto }: FunctionMessage,
  number: number,
): NodeMessage[] {
  const names = new Map([['', '']]);
  for (const [i, name] of input.entries()) names.set(name, use.input[i] ?? '');
  for (const [i, name] of output.entries()) if (use.output[i]) names.set(name, use.output[i]);
  const rename = (name: string) => names.get(name) ?? `${own}#${number}/${name}`;
  const given = new Map([...attributeProto, ...use.attribute].map((each) => [each.name, each]));
  return node.map((each) => ({
    ...each,
    name: `${use.name || `${own}_${number}`}/${each.name || each.opType}`,
    input: each.input.map(rename),
    output: each.output.map(rename),
    attribute: each.attribute.flatMap((attribute) => resolved(attribute, given)),
  }));
}

/** An attribute that refers to one of the function has the value that the use gives; none if it gives none. */
function resolved(
  attribute: AttributeMessage,
  given: ReadonlyMap<string | undefined, AttributeMessage>,
): AttributeMessage[] {
  if (!attribute.refAttrName) return [attribute];
  const value = given.get(attribute.refAttrName);
  return value ? [{ ...value, name: attribute.name }] : [];
}
