import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Field, MessageType } from './messages.js';

/** Wire types of protobuf. */
const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

/** What is written of a message: lists may be left out. */
export type Written<T> = T extends (infer Item)[]
  ? readonly Written<Item>[]
  : T extends Uint8Array | string | number
    ? T
    : { readonly [Key in keyof T]?: Written<T[Key]> };

/** The bytes of a message. Fields are written in the order of their types, unset ones are left out. */
export function writeMessage<T>(type: MessageType<T>, message: Written<T>): Uint8Array {
  const writer = newWriter();
  writeFields(writer, type, message as Record<string, unknown>);
  return writer.finish();
}

/** What stands in front of the bytes of a field, for bytes that are written apart. */
export function fieldHeader<T>(type: MessageType<T>, name: keyof T, length: number): Uint8Array {
  const { number } = type.fields.find((field) => field.name === name) as Field;
  return newWriter().tag(number, DELIMITED).uint32(length).finish();
}

function newWriter(): BinaryWriter {
  const { BinaryWriter: Writer } =
    require('@bufbuild/protobuf/wire') as typeof import('@bufbuild/protobuf/wire');
  return new Writer();
}

function writeFields(
  writer: BinaryWriter,
  type: MessageType,
  message: Readonly<Record<string, unknown>>,
): void {
  for (const field of type.fields) {
    const value = message[field.name];
    if (value === undefined) continue;
    for (const each of field.isList ? (value as readonly unknown[]) : [value])
      writeField(writer, field, each);
  }
}

function writeField(writer: BinaryWriter, { number, kind }: Field, value: unknown): void {
  if (kind === 'integer') writer.tag(number, VARINT).int64(BigInt(value as number));
  else if (kind === 'float') writer.tag(number, FIXED32).float(value as number);
  else if (kind === 'string') writer.tag(number, DELIMITED).string(value as string);
  else if (typeof kind === 'string') writer.tag(number, DELIMITED).bytes(value as Uint8Array);
  else {
    writer.tag(number, DELIMITED).fork();
    writeFields(writer, kind, value as Record<string, unknown>);
    writer.join();
  }
}
