import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Two machines' worth of OpenMP teams on two cores only slow each other down.
    maxWorkers: 2,
  },
});
