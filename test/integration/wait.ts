/**
 * Waiting in tests: on a condition with a deadline, never for a time.
 */
import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 20

/** Resolves when `isMet`; fails naming what did not come. */
export async function until(
  what: string,
  isMet: () => boolean | Promise<boolean>,
  deadlineMs = 10_000
): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await isMet())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms`)
    await pause(POLL_MS)
  }
}
