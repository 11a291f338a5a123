/** What a V8 CPU profile spent its time on, by function, largest first. */
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

/** The shares in the one profile of a folder. */
export async function cpuShares(dir: string): Promise<CpuShare[]> {
  const [file = ''] = await readdir(dir)
  const profile = JSON.parse(await readFile(join(dir, file), 'utf8')) as Profile
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      `${functionName || '(anonymous)'}${url === '' ? '' : ` ${basename(url)}`}`
    ])
  )
  const seconds = new Map<string, number>()
  for (const [index, sample] of profile.samples.entries()) {
    const name = names.get(sample) ?? '?'
    if (name === '(idle)') continue
    seconds.set(name, (seconds.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1e6)
  }
  const total = [...seconds.values()].reduce((sum, value) => sum + value, 0)
  return [...seconds]
    .map(([name, value]) => ({ name, seconds: value, share: value / total }))
    .sort((one, two) => two.seconds - one.seconds)
}
