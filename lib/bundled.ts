/*
 * This module imports nothing: check-bundle.mts needs it where Node's modules can't be imported.
 */

/** What to do if convforge's own code is in a bundle, where its native addon can't be. */
export const KEEP_EXTERNAL =
  'convforge is in a bundle, which its native addon cannot be part of: keep it external (webpack: ' +
  "externals: { convforge: 'commonjs convforge' }; esbuild: --external:convforge; rollup and rolldown: external: " +
  "['convforge']; vite: ssr.external: ['convforge']; Next.js: serverExternalPackages: ['convforge']), and install " +
  'it where the bundle runs (docs/deploying.md).';
