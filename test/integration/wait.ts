/**
 * Waiting in tests: on a condition with a deadline, never for a time.
 */
import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 20
/** What is waited for comes in far less, but not on a machine with other things to do. */
const DEADLINE_MS = 60_000

/** Resolves when `isMet`; fails naming what did not come. */
export async function until(
  what: string,
  isMet: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS
): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await isMet())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms`)
    await pause(POLL_MS)
  }
}
