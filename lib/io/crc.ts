/** CRC-32 by a reflected polynomial, byte by byte from a table. */
export type Crc = (bytes: Uint8Array) => number;

export function makeCrc(polynomial: number): Crc {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  return (bytes) => {
    let crc = 0xffff_ffff;
    for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff];
    return ~crc >>> 0;
  };
}

/** That of Ethernet, gzip and PNG. */
export const crc32: Crc = makeCrc(0xedb8_8320);

/** Castagnoli's: that of iSCSI (RFC 3720) and of TFRecord files. */
export const crc32c: Crc = makeCrc(0x82f6_3b78);
