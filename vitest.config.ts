import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = dirname(fileURLToPath(import.meta.url));
const sources = join(root, 'lib');
const compiled = join(root, 'dist');

export default defineConfig({
  plugins: [
    {
      // Tests import from lib/, and get what it was compiled to. So they test what is published, and Node loads
      // it in a third of the time that Vite needs.
      name: 'convforge:compiled',
      enforce: 'pre',
      resolveId(source, importer) {
        if (!importer || !source.startsWith('.')) return;
        const path = relative(sources, resolve(dirname(importer), source));
        return path.startsWith('..') ? undefined : { id: join(compiled, path), external: true };
      },
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/compile.ts'],
    server: { deps: { external: [/[\\/]dist[\\/]/] } },
    testTimeout: 60_000,
    // Two machines' worth of OpenMP teams on two cores only slow each other down.
    maxWorkers: 2,
  },
});
