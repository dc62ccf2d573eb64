import type { OptionChecks } from '../../options.js';

/** Throws INVALID_ARGUMENT unless `groups` divides `filters`. */
export function checkGroups(
  checks: OptionChecks,
  { filters, groups }: { readonly filters: number; readonly groups: number },
): void {
  if (filters % groups === 0) return;
  checks.fail(
    'INVALID_ARGUMENT',
    `filters is ${filters}, groups is ${groups}; filters must be a multiple of groups.`,
  );
}

/** Throws SHAPE_MISMATCH unless `groups` divides the input's channels. */
export function checkGroupedChannels(checks: OptionChecks, channels: number, groups: number): void {
  if (channels % groups === 0) return;
  checks.fail(
    'SHAPE_MISMATCH',
    `the input has ${channels} channels, groups is ${groups}; channels must be a multiple of groups.`,
  );
}
