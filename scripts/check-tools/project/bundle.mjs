// Bundles main.cjs or main.mjs. Usage: bundle.mjs BUNDLER FOLDER [external]
import { join, resolve } from 'node:path';

const [, , bundler, folder, external] = process.argv;
const out = resolve(folder);
const externals = external ? ['convforge'] : [];

const BUNDLERS = {
  async webpack() {
    const { default: webpack } = await import('webpack');
    const compiler = webpack({
      mode: 'production',
      target: 'node',
      entry: './main.cjs',
      output: { path: out, filename: 'bundle.cjs' },
      externals: external ? { convforge: 'commonjs convforge' } : {},
      performance: { hints: false },
    });
    const stats = await new Promise((done, fail) => {
      compiler.run((error, result) => (error ? fail(error) : done(result)));
    });
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString('errors-warnings'));
  },

  'esbuild, CommonJS': () => withEsbuild('cjs'),
  'esbuild, ESM': () => withEsbuild('esm'),
  'esbuild, ESM, with a require': () =>
    withEsbuild(
      'esm',
      "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    ),

  'rollup, CommonJS': () => withRollup('main.cjs', 'cjs'),
  'rollup, ESM': () => withRollup('main.mjs', 'es'),

  'vite SSR': () => withVite({}),
  'vite SSR, noExternal: true': () => withVite({ noExternal: true, external: externals }),
};

async function withEsbuild(format, banner = '') {
  const { build } = await import('esbuild');
  const { warnings } = await build({
    entryPoints: [format === 'cjs' ? 'main.cjs' : 'main.mjs'],
    bundle: true,
    platform: 'node',
    format,
    outfile: join(out, format === 'cjs' ? 'bundle.cjs' : 'bundle.mjs'),
    external: externals,
    banner: { js: banner },
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings[0].text);
}

async function withRollup(input, format) {
  const { rollup } = await import('rollup');
  const { default: commonjs } = await import('@rollup/plugin-commonjs');
  const { default: json } = await import('@rollup/plugin-json');
  const { default: nodeResolve } = await import('@rollup/plugin-node-resolve');
  const bundle = await rollup({
    input,
    external: externals,
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
    onwarn: ({ code, message }) => {
      if (code !== 'CIRCULAR_DEPENDENCY') throw new Error(message);
    },
  });
  const extension = format === 'cjs' ? 'cjs' : 'mjs';
  await bundle.write({
    dir: out,
    format,
    entryFileNames: `bundle.${extension}`,
    chunkFileNames: `[name].${extension}`,
  });
}

async function withVite(ssr) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: 'main.mjs', outDir: out, rollupOptions: { output: { entryFileNames: 'bundle.mjs' } } },
    ssr,
  });
}

await BUNDLERS[bundler]();
