import { setTimeout as pause } from "node:timers/promises";

/** Far more than anything here takes, on a busy machine too. */
export const PATIENCE_MILLIS = 20_000;

const STEP_MILLIS = 25;

/** Waits until `check` no longer throws, and gives its last error when that takes too long. */
export async function eventually<T>(check: () => T | Promise<T>, patience = PATIENCE_MILLIS): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(STEP_MILLIS);
  }
}
