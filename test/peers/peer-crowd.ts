/**
 * A relay and coordinators as processes, and many volunteers in this one: each has its own libp2p
 * host, store, records and keys, all behind one address; they share a loop and a kernel thread.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openControlClient } from '../../node/api/control-client.ts'
import { type LocalMesh, startLocalMesh } from '../../node/demo/local-mesh.ts'
import type { RunningNode } from '../../node/service/running-node.ts'
import { openVolunteer } from '../../node/service/volunteer.ts'
import { openKernelThreads } from '../../node/worker/kernel-threads.ts'
import type { Timers } from '../../protocol/federation.ts'

/** Peers started at the same time: each makes keys, opens level and dials. */
const STARTS_AT_ONCE = 8
/** Between two looks at them all. */
const POLL_MS = 1_000
/** Asked for their status at the same time. */
const ASKED_AT_ONCE = 16

export interface CrowdInit {
  readonly dir: string
  readonly peers: number
  readonly coordinators: number
  readonly timers: Timers
}

export interface Crowd {
  readonly mesh: LocalMesh
  readonly startSeconds: number
  /** Connections of the volunteer with the fewest now. */
  fewestConnections(): Promise<number>
  /** Resolves when every volunteer is connected to so many others; the fewest when it does not. */
  untilMet(count: number, withinMs: number): Promise<number>
  /** @throws what made one of them give up */
  stop(): Promise<void>
}

/** Does something for each, a few at a time. */
async function forEach<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>
): Promise<void> {
  const next = items.values()
  const worker = async (): Promise<void> => {
    for (const item of next) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

export async function openCrowd({ dir, peers, coordinators, timers }: CrowdInit): Promise<Crowd> {
  const startedAtMs = performance.now()
  const mesh = await startLocalMesh({
    dir: join(dir, 'nodes'),
    coordinatorCount: coordinators,
    volunteerCount: 0,
    timers
  })
  const kernelThreads = openKernelThreads(1)
  const volunteers: RunningNode[] = []
  const homes = Array.from({ length: peers }, (_, index) => join(dir, `volunteer-${index}`))
  let defect: unknown
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    await Promise.all(volunteers.map((volunteer) => volunteer.stop()))
    await kernelThreads.stop()
    await mesh.stop()
    if (defect !== undefined) throw defect
  }
  try {
    await forEach(homes, STARTS_AT_ONCE, async (home) => {
      await mkdir(home, { recursive: true })
      volunteers.push(
        await openVolunteer({
          home,
          federation: mesh.federationFile,
          rootKey: mesh.rootKey,
          bootstrap: [mesh.bootstrap],
          threads: 1,
          kernelThreads,
          onStop: () => {},
          onDefect: (error) => {
            defect ??= error
          }
        })
      )
    })
  } catch (error) {
    await stop()
    throw error
  }
  const fewestConnections = async (): Promise<number> => {
    const counts: number[] = []
    await forEach(homes, ASKED_AT_ONCE, async (home) => {
      const control = await openControlClient(home)
      counts.push((await control.get<{ peers: number }>('/status')).peers)
    })
    return Math.min(...counts)
  }
  return {
    mesh,
    startSeconds: (performance.now() - startedAtMs) / 1000,
    fewestConnections,
    untilMet: async (count, withinMs) => {
      const endMs = performance.now() + withinMs
      for (;;) {
        const fewest = await fewestConnections()
        if (fewest >= count || performance.now() > endMs) return fewest
        await sleep(POLL_MS)
      }
    },
    stop
  }
}
