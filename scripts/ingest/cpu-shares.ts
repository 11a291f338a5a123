/** What the threads of a process spent their time on by its V8 CPU profiles, largest first. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface CpuShare {
  readonly name: string
  readonly seconds: number
  /** Of all time that was not idle. */
  readonly share: number
}

/** The shares in the profiles of a folder, one of each thread. */
export async function cpuShares(dir: string): Promise<CpuShare[]> {
  const seconds = new Map<string, number>()
  for (const file of await readdir(dir)) {
    addTimes(JSON.parse(await readFile(join(dir, file), 'utf8')) as Profile, seconds)
  }
  const total = [...seconds.values()].reduce((sum, value) => sum + value, 0)
  return [...seconds]
    .map(([name, value]) => ({ name, seconds: value, share: value / total }))
    .sort((one, two) => two.seconds - one.seconds)
}

function addTimes(profile: Profile, seconds: Map<string, number>): void {
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      `${functionName || '(anonymous)'}${url === '' ? '' : ` ${basename(url)}`}`
    ])
  )
  for (const [index, sample] of profile.samples.entries()) {
    const name = names.get(sample) ?? '?'
    if (name === '(idle)' || name === '(program)') continue
    seconds.set(name, (seconds.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1e6)
  }
}
