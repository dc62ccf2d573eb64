/**
 * The version of this package. A constant, so that a bundle needs no package.json beside it. It must equal
 * package.json's: `npm version` writes both (scripts/package/version.mjs), and a test compares them.
 */
export const VERSION: string = '0.1.0';
