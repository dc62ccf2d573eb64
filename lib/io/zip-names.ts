/** Names that are looked at: more than any model's archive needs to be told by. */
const MAX_NAMES = 1000;

/** Records of a zip archive that name a member: signature, offset of the name's length, offset of the name (APPNOTE.TXT 4.3). */
const RECORDS = [
  { signature: 'PK\x03\x04', lengthAt: 26, nameAt: 30 },
  { signature: 'PK\x01\x02', lengthAt: 28, nameAt: 46 },
];

/** The names of members in a piece of a zip archive. Only for telling what it is: a name may also be chance, or missing. */
export function zipNames(piece: Buffer): Set<string> {
  const names = new Set<string>();
  for (const { signature, lengthAt, nameAt } of RECORDS) {
    let at = piece.indexOf(signature, 0, 'latin1');
    while (at >= 0 && at + nameAt <= piece.length && names.size < MAX_NAMES) {
      const length = piece.readUInt16LE(at + lengthAt);
      names.add(piece.toString('utf8', at + nameAt, at + nameAt + length));
      at = piece.indexOf(signature, at + nameAt, 'latin1');
    }
  }
  return names;
}
