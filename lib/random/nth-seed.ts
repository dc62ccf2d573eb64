const MASK_64 = 0xffff_ffff_ffff_ffffn;

/**
 * The seed in [0, 2^53) of the nth use of a seed, from 0: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) at
 * step n + 1.
 */
export function nthSeed(seed: number, n: number): number {
  let z = (BigInt(seed) + BigInt(n + 1) * 0x9e37_79b9_7f4a_7c15n) & MASK_64;
  z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
  z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
  return Number((z ^ (z >> 31n)) >> 11n);
}
