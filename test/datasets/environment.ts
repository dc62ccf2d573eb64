import { afterEach, vi } from 'vitest';

/** Sets environment variables for the rest of the test; undefined removes one. */
export function setEnvironment(variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

afterEach(() => {
  vi.unstubAllEnvs();
});
