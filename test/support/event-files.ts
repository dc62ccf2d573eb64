import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A field's number and its value: a number, or the bytes of a length-delimited field. */
type Fields = [number, number | Buffer][];

/** Parses a protocol buffer message by its wire format. */
export function readMessage(bytes: Buffer): Fields {
  const fields: Fields = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++]);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return Number(value);
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const wire = key & 7;
    let value: number | Buffer;
    if (wire === 0) value = varint();
    else if (wire === 1) {
      value = bytes.readDoubleLE(at);
      at += 8;
    } else if (wire === 5) {
      value = bytes.readFloatLE(at);
      at += 4;
    } else if (wire === 2) {
      const length = varint();
      value = bytes.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${wire}`);
    fields.push([key >>> 3, value]);
  }
  if (at !== bytes.length) throw new Error('a field is cut off');
  return fields;
}

/** The last value of a field. */
export const fieldOf = (message: Fields, number: number) => message.filter(([n]) => n === number).pop()?.[1];

export function readDoubles(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
}

/** CRC-32C bit by bit, by its definition. */
export function crc32cByDefinition(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return Number(crc ^ 0xffffffffn);
}

function checksum(bytes: Uint8Array): number {
  const crc = BigInt(crc32cByDefinition(bytes));
  return Number((((crc >> 15n) | ((crc << 17n) & 0xffffffffn)) + 0xa282ead8n) & 0xffffffffn);
}

/** The data of a file's TFRecords. Throws if a checksum is wrong. */
export function readRecords(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    if (file.readUInt32LE(at + 8) !== checksum(file.subarray(at, at + 8)))
      throw new Error('checksum of length');
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 12 + length) !== checksum(data)) throw new Error('checksum of data');
    records.push(data);
    at += 16 + length;
  }
  return records;
}

export interface ReadValue {
  step: number;
  tag: string;
  simple?: number;
  image?: Fields;
  histogram?: Fields;
}

/** All values of the only event file in a folder. Checks its first event. */
export function readEvents(folder: string): ReadValue[] {
  const names = readdirSync(folder);
  if (names.length !== 1 || !/^events\.out\.tfevents\.\d{10}\./.test(names[0])) throw new Error(names.join());
  const [version, ...events] = readRecords(readFileSync(join(folder, names[0]))).map(readMessage);
  if (String(fieldOf(version, 3)) !== 'brain.Event:2') throw new Error('the version comes first');
  return events.flatMap((event) => {
    const time = fieldOf(event, 1) as number;
    if (Math.abs(time - Date.now() / 1000) > 600) throw new Error(`time ${time}`);
    const step = fieldOf(event, 2) as number;
    const summary = readMessage(fieldOf(event, 5) as Buffer);
    return summary.map(([, bytes]) => readValue(step, readMessage(bytes as Buffer)));
  });
}

function readValue(step: number, value: Fields): ReadValue {
  const read: ReadValue = { step, tag: String(fieldOf(value, 1)) };
  const simple = fieldOf(value, 2) as number | undefined;
  const image = fieldOf(value, 4) as Buffer | undefined;
  const histogram = fieldOf(value, 5) as Buffer | undefined;
  if (simple !== undefined) read.simple = simple;
  if (image) read.image = readMessage(image);
  if (histogram) read.histogram = readMessage(histogram);
  return read;
}
