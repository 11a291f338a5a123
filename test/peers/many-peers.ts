/**
 * Many real peers in one process: every volunteer has its own libp2p host, store, records and keys;
 * they share one loop and a few kernel threads. Relay and coordinators are processes of their own.
 * Latencies are read from the coordinators' ledgers and the announcements that arrived.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { type LocalMesh, startLocalMesh } from '../../node/demo/local-mesh.ts'
import type { RunningNode } from '../../node/service/running-node.ts'
import { openVolunteer } from '../../node/service/volunteer.ts'
import { openKernelThreads } from '../../node/worker/kernel-threads.ts'
import { readLedger } from '../devnet/running-mesh.ts'
import { type Latencies, latenciesOf } from './latencies.ts'
import { writeSmallForecast } from './small-forecast.ts'

/** Peers started at the same time: each makes keys, opens level and dials. */
const STARTS_AT_ONCE = 8
const POLL_MS = 250

export interface PeersRun {
  readonly peers: number
  readonly units: number
  readonly coordinators: number
  /** Forecasts the units are cut into, submitted one after the other. */
  readonly batches: number
  readonly withinMs: number
  readonly say?: (line: string) => void
}

export interface PeersOutcome {
  /** From the first submission to the last published forecast. */
  readonly seconds: number
  readonly startSeconds: number
  readonly verified: number
  readonly failed: number
  /** Operators whose result was part of a verdict. */
  readonly operators: number
  /** Connected peers of each coordinator at the end. */
  readonly connected: readonly number[]
  readonly latencies: Latencies
  readonly rssMegabytes: number
}

async function startVolunteers(
  run: PeersRun,
  dir: string,
  mesh: LocalMesh
): Promise<{ volunteers: RunningNode[]; stop: () => Promise<void> }> {
  const kernelThreads = openKernelThreads(1)
  const volunteers: RunningNode[] = []
  let defect: unknown
  const next = Array.from({ length: run.peers }, (_, index) => index).values()
  const starter = async (): Promise<void> => {
    for (const index of next) {
      const home = join(dir, `volunteer-${index}`)
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
    }
  }
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, starter))
  return {
    volunteers,
    stop: async () => {
      await Promise.all(volunteers.map((volunteer) => volunteer.stop()))
      await kernelThreads.stop()
      if (defect !== undefined) throw defect
    }
  }
}

/** The plan's progress at the coordinator that leads it, once its forecast is out. */
async function untilPublished(mesh: LocalMesh, plan: string, endMs: number): Promise<PlanProgress> {
  for (;;) {
    const control = await mesh.coordinators[0]?.control()
    const progress = await control?.get<PlanProgress>(`/forecasts/${plan}`).catch(() => undefined)
    if (progress?.forecast !== undefined) return progress
    if (performance.now() > endMs) {
      throw new Error(`not published in time: ${JSON.stringify(progress?.units)}`)
    }
    await sleep(POLL_MS)
  }
}

/** One run; everything it made is gone afterwards. */
export async function runPeers(run: PeersRun): Promise<PeersOutcome> {
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-peers-'))
  const say = run.say ?? (() => {})
  const startedAtMs = performance.now()
  const mesh = await startLocalMesh({
    dir: join(dir, 'nodes'),
    coordinatorCount: run.coordinators,
    volunteerCount: 0
  })
  try {
    const { stop } = await startVolunteers(run, dir, mesh)
    const startSeconds = (performance.now() - startedAtMs) / 1000
    say(`${run.peers} peers started in ${startSeconds.toFixed(0)} s`)
    const control = await mesh.coordinators[0]?.control()
    const submittedAtMs = performance.now()
    const endMs = submittedAtMs + run.withinMs
    const done: PlanProgress[] = []
    for (let batch = 0; batch < run.batches; batch += 1) {
      const file = await writeSmallForecast(dir, Math.ceil(run.units / run.batches), batch)
      const submitted = await control?.post<{ plan: string }>('/forecasts', { file })
      done.push(await untilPublished(mesh, submitted?.plan ?? '', endMs))
      say(`batch ${batch + 1} of ${run.batches} is published`)
    }
    const seconds = (performance.now() - submittedAtMs) / 1000
    const connected = await Promise.all(
      mesh.coordinators.map(async (node) => {
        const status = await (await node.control()).get<{ peers: number }>('/status')
        return status.peers
      })
    )
    const rssMegabytes = Math.round(process.memoryUsage().rss / 1e6)
    await stop()
    await mesh.stop()
    const ledgers = await Promise.all(mesh.coordinators.map(({ home }) => readLedger(home)))
    const operators = new Set(done.flatMap((p) => p.operators.flatMap((unit) => unit.operators)))
    return {
      seconds,
      startSeconds,
      verified: done.reduce((sum, { units }) => sum + units.verified, 0),
      failed: done.reduce((sum, { units }) => sum + units.failed, 0),
      operators: operators.size,
      connected,
      latencies: latenciesOf(ledgers),
      rssMegabytes
    }
  } finally {
    await mesh.stop()
    await rm(dir, { recursive: true, force: true })
  }
}
