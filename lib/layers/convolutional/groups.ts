import type { OptionChecks } from '../../options.js';

/** The option `groups`, which must divide the filters. Throws INVALID_ARGUMENT. */
export function readGroups(checks: OptionChecks, groups: number | undefined, filters: number): number {
  const count = checks.whole('groups', groups ?? 1, 1);
  if (filters % count !== 0) {
    checks.fail(
      'INVALID_ARGUMENT',
      `filters is ${filters}, groups is ${count}; filters must be a multiple of groups.`,
    );
  }
  return count;
}

/** Throws SHAPE_MISMATCH unless the groups divide the input's channels. */
export function checkGroupedChannels(checks: OptionChecks, channels: number, groups: number): void {
  if (channels % groups === 0) return;
  checks.fail(
    'SHAPE_MISMATCH',
    `the input has ${channels} channels, groups is ${groups}; channels must be a multiple of groups.`,
  );
}
