/** Processor time of other processes, thread by thread, from /proc: Linux with Node 24 only. */
import { readdirSync, readFileSync } from 'node:fs'

/** /proc counts in hundredths of a second (USER_HZ, fixed by the interface). */
const TICKS_PER_SECOND = 100
/** utime and stime are the 14th and 15th field; two come before the name's closing bracket. */
const [UTIME, STIME] = [11, 12]

export interface ThreadSeconds {
  /** Threads that run kernels. */
  readonly kernel: number
  /** All others: the loop, the engine's helpers, the file system's pool. */
  readonly other: number
}

/** Seconds since the start of the process; threads that ended are under `other`. */
export function threadSeconds(pid: number): ThreadSeconds {
  const secondsOf = (path: string): number => {
    const stat = readFileSync(path, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND
  }
  const tasks = readdirSync(`/proc/${pid}/task`)
  const kernels = tasks.filter(
    (task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim() === 'kernel'
  )
  const kernel = kernels.reduce((sum, task) => sum + secondsOf(`/proc/${pid}/task/${task}/stat`), 0)
  return { kernel, other: secondsOf(`/proc/${pid}/stat`) - kernel }
}

export const minus = (after: ThreadSeconds, before: ThreadSeconds): ThreadSeconds => ({
  kernel: after.kernel - before.kernel,
  other: after.other - before.other
})

export const sumOf = (all: readonly ThreadSeconds[]): ThreadSeconds =>
  all.reduce((sum, one) => ({ kernel: sum.kernel + one.kernel, other: sum.other + one.other }), {
    kernel: 0,
    other: 0
  })
