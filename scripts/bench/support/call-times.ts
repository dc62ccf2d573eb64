/** The fewest calls whose times are worth a percentile. */
const LEAST = 10;

/** The microseconds of each of `calls` calls, or of fewer if they take more than `seconds`, but of at least 10. */
export async function callTimes(
  call: (index: number) => unknown,
  { calls, seconds }: { calls: number; seconds: number },
): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  for (let i = 0; i < calls && (i < LEAST || performance.now() < end); i++) {
    const started = performance.now();
    await call(i);
    times.push(1000 * (performance.now() - started));
  }
  return times;
}
