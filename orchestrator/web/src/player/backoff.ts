const firstMs = 500;
const longestMs = 8000;
const patienceMs = 60_000;

/** When to ask again after failures in a row: 0.5 s, 1 s, 2 s … 8 s, and giving up a minute after the first one. */
export class Backoff {
  private since: number | null = null;
  private delay = firstMs;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Milliseconds to wait before the next try, null when it is time to give up. `atLeast` is what the server asked
   *  for, in seconds. */
  next(atLeast: number | null = null): number | null {
    const now = this.now();
    this.since ??= now;
    const left = this.since + patienceMs - now;
    if (left <= 0) return null;
    const wait = Math.min(Math.max(this.delay, (atLeast ?? 0) * 1000), left);
    this.delay = Math.min(this.delay * 2, longestMs);
    return wait;
  }

  /** Something arrived: the next failure is a new one. */
  reset(): void {
    this.since = null;
    this.delay = firstMs;
  }
}
