import type { BinaryReader } from '@bufbuild/protobuf/wire';
import { ConvforgeError } from '../errors.js';
import { corrupt } from '../io/failures.js';
import { isError } from '../realms.js';
import { type Field, MODEL, type MessageType, type ModelMessage } from './messages.js';

/** Limit of fields and listed numbers: a file could ask for many more objects than it has bytes. */
const MAX_FIELDS = 2_000_000;
/** Fields to read before yielding. */
const FIELDS_PER_PAUSE = 2000;

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

type Message = Record<string, unknown>;

/**
 * Reads the message of a file, in slices. Bytes of weights are views of `bytes`, not copies. Throws
 * CORRUPT_FILE for what isn't valid, TOO_LARGE beyond a limit of fields.
 */
export function* readModelMessage(file: string, bytes: Uint8Array): Generator<void, ModelMessage> {
  const { BinaryReader: Reader } =
    require('@bufbuild/protobuf/wire') as typeof import('@bufbuild/protobuf/wire');
  const decoding = new Decoding(file, bytes, new Reader(bytes));
  try {
    return (yield* decoding.message(MODEL, bytes.length)) as unknown as ModelMessage;
  } catch (error) {
    if (error instanceof ConvforgeError || !isError(error)) throw error;
    throw corrupt(file, `this is no valid ONNX file, or it ends too early: ${error.message}`, error);
  }
}

/** Reads nested messages. Their depth is that of the types, which don't refer to themselves. */
class Decoding {
  readonly #file: string;
  readonly #bytes: Uint8Array;
  readonly #reader: BinaryReader;
  #fields = 0;

  constructor(file: string, bytes: Uint8Array, reader: BinaryReader) {
    this.#file = file;
    this.#bytes = bytes;
    this.#reader = reader;
  }

  *message(type: MessageType, end: number): Generator<void, Message> {
    const message: Message = {};
    for (const { name, isList } of type.fields) if (isList) message[name] = [];
    const reader = this.#reader;
    while (reader.pos < end) {
      if (this.#count() % FIELDS_PER_PAUSE === 0) yield;
      const [number, wireType] = reader.tag();
      const field = type.byNumber.get(number);
      if (!field) reader.skip(wireType, number);
      else if (typeof field.kind === 'string') this.#scalars(type, field, wireType, message);
      else {
        this.#expect(wireType === DELIMITED, type, field);
        const inner = yield* this.message(field.kind, this.#endOf(end));
        this.#set(message, field, inner);
      }
      if (reader.pos > end) this.#failEnd(type);
    }
    return message;
  }

  /** Reads a length, and returns the position after what it counts. */
  #endOf(limit: number): number {
    const length = this.#reader.uint32();
    const end = this.#reader.pos + length;
    if (end > limit)
      throw corrupt(this.#file, `the file ends inside a message, which should have ${length} bytes`);
    return end;
  }

  #scalars(type: MessageType, field: Field, wireType: number, message: Message): void {
    const reader = this.#reader;
    const { kind } = field;
    if (kind === 'string' || kind === 'bytes') {
      this.#expect(wireType === DELIMITED, type, field);
      this.#set(message, field, kind === 'string' ? reader.string() : reader.bytes());
    } else if (kind === 'packed') {
      this.#set(message, field, this.#packed(type, field, wireType));
    } else if (wireType === DELIMITED && field.isList) {
      const end = this.#endOf(this.#bytes.length);
      while (reader.pos < end) this.#number(type, field, kind === 'float' ? FIXED32 : VARINT, message);
      if (reader.pos > end) this.#failEnd(type);
    } else this.#number(type, field, wireType, message);
  }

  #number(type: MessageType, field: Field, wireType: number, message: Message): void {
    const isFloat = field.kind === 'float';
    this.#expect(wireType === (isFloat ? FIXED32 : VARINT), type, field);
    this.#count();
    this.#set(message, field, isFloat ? this.#reader.float() : Number(this.#reader.int64()));
  }

  /** The bytes of one number, or of several that are packed. */
  #packed(type: MessageType, field: Field, wireType: number): Uint8Array {
    if (wireType === DELIMITED) return this.#reader.bytes();
    this.#expect([VARINT, FIXED32, FIXED64].includes(wireType), type, field);
    return this.#reader.skip(wireType, field.number);
  }

  #set(message: Message, field: Field, value: unknown): void {
    if (field.isList) (message[field.name] as unknown[]).push(value);
    else message[field.name] = value;
  }

  #count(): number {
    if (++this.#fields <= MAX_FIELDS) return this.#fields;
    throw new ConvforgeError(
      'TOO_LARGE',
      `${this.#file}: it has more than ${MAX_FIELDS} fields and numbers.`,
    );
  }

  #expect(fits: boolean, type: MessageType, { name }: Field): void {
    if (!fits) throw corrupt(this.#file, `${name} of ${type.name} is encoded as another kind of value`);
  }

  #failEnd({ name }: MessageType): never {
    throw corrupt(this.#file, `a ${name} ends inside one of its fields`);
  }
}
