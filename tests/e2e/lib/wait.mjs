import { setTimeout as pause } from "node:timers/promises";

/** Asks `probe` until it returns something true, and returns that; throws after `seconds`, naming `what`. */
export async function until(what, seconds, probe) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const result = await probe();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`${what}: did not come about within ${seconds} s`);
    await pause(100);
  }
}
