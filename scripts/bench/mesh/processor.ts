/** Processor time of a piece of work: what other programs do on the machine does not count. */

/** Processor milliseconds of all threads of this process while the work runs, and its answer. */
export async function timed<T>(
  work: () => T | Promise<T>
): Promise<{ cpuMs: number; wallMs: number; result: Awaited<T> }> {
  const [before, startedAtMs] = [process.cpuUsage(), performance.now()]
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startedAtMs, result }
}

/** Processor milliseconds of one run of something synchronous, once it is warm. */
export async function cpuMsOf(runs: number, work: () => unknown): Promise<number> {
  for (let run = 0; run < runs / 4; run += 1) work()
  const { cpuMs } = await timed(() => {
    for (let run = 0; run < runs; run += 1) work()
  })
  return cpuMs / runs
}
