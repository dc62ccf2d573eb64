import { corrupt } from '../io/failures.js';
import { isObject } from '../io/read-model-json.js';
import { show } from '../options.js';
import type { GraphNode } from './graph.js';

/**
 * The attributes of a node. The file has those of TensorFlow's protobuf as JSON: `{ s: base64 }`, `{ i: '2' }`,
 * `{ f: 0.5 }`, `{ b: true }`, `{ shape: { dim } }` and lists of them. Each method throws CORRUPT_FILE for a
 * value of another form.
 */
export class Attributes {
  constructor(
    private readonly path: string,
    private readonly node: GraphNode,
  ) {}

  /** A string; `fallback` if the node doesn't have it. */
  text(name: string, fallback = ''): string {
    const given = this.#field(name, 's');
    return given === undefined ? fallback : this.#text(name, given);
  }

  texts(name: string): string[] {
    return this.#list(name, 's').map((each) => this.#text(name, each));
  }

  whole(name: string, fallback = 0): number {
    const given = this.#field(name, 'i');
    return given === undefined ? fallback : this.#whole(name, given);
  }

  wholes(name: string): number[] {
    return this.#list(name, 'i').map((each) => this.#whole(name, each));
  }

  number(name: string, fallback: number): number {
    const given = this.#field(name, 'f');
    if (given === undefined) return fallback;
    return typeof given === 'number' ? given : this.#fail(name, given);
  }

  flag(name: string, fallback = false): boolean {
    const given = this.#field(name, 'b');
    if (given === undefined) return fallback;
    return typeof given === 'boolean' ? given : this.#fail(name, given);
  }

  /** A type, such as "DT_FLOAT" or its number in TensorFlow's types.proto. */
  type(name: string): unknown {
    return this.#field(name, 'type');
  }

  /** A shape with null for unknown sizes; undefined if the number of axes is unknown. */
  shape(name: string): (number | null)[] | undefined {
    const given = this.#field(name, 'shape');
    if (!isObject(given) || given.unknownRank === true) return undefined;
    const { dim = [] } = given;
    if (!Array.isArray(dim)) return this.#fail(name, given);
    return dim.map((each) => {
      const size = this.#whole(name, isObject(each) ? (each.size ?? 0) : each);
      return size < 0 ? null : size;
    });
  }

  #field(name: string, kind: string): unknown {
    if (!Object.hasOwn(this.node.attributes, name)) return undefined;
    const given = this.node.attributes[name];
    if (!isObject(given)) return this.#fail(name, given);
    return given[kind] ?? undefined;
  }

  #list(name: string, kind: string): unknown[] {
    const list = this.#field(name, 'list');
    if (list === undefined) return [];
    const items = isObject(list) ? (list[kind] ?? []) : list;
    return Array.isArray(items) ? items : this.#fail(name, items);
  }

  /** Strings are in base64, or lists of bytes. */
  #text(name: string, given: unknown): string {
    if (typeof given === 'string') return Buffer.from(given, 'base64').toString('latin1');
    if (Array.isArray(given)) return String.fromCharCode(...given.slice(0, 100).map(Number));
    return this.#fail(name, given);
  }

  /** Protobuf's JSON writes 64-bit numbers as strings. */
  #whole(name: string, given: unknown): number {
    const value = typeof given === 'string' && given !== '' ? Number(given) : given;
    return Number.isSafeInteger(value) ? (value as number) : this.#fail(name, given);
  }

  #fail(name: string, given: unknown): never {
    const { name: node, op } = this.node;
    throw corrupt(this.path, `the attribute ${name} of the ${op} ${show(node)} is ${show(given)}`);
  }
}
