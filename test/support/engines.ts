import type { EngineName } from '../../lib/program/current-engine.js';

/** Tests of behaviour that both engines share run on each of these. */
export const ENGINES: EngineName[] = ['native', 'reference'];
