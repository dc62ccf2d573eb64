import { crc32c } from '../../io/crc.js';

/** Masks a checksum, as TFRecord files do where data may hold checksums itself: rotated right by 15 bits, plus a constant. */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}

/** A TFRecord: length [uint64], its masked CRC-32C [uint32], the data, and the data's; little-endian. */
export function record(data: Uint8Array): Buffer {
  const framed = Buffer.alloc(12 + data.length + 4);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(crc32c(framed.subarray(0, 8))), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return framed;
}
