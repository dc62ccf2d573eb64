import type { EngineName } from '../../lib/program/current-engine.js';

/** Tests of behaviour that both engines share run once on each. */
export const ENGINES: EngineName[] = ['native', 'reference'];
