/**
 * A run at size: forecasts of many small units through a crowd of peers, one after the other. At
 * the manifest's own timers nothing that is waited for is a poll, and no lease ends because the
 * machine is slow. Latencies are read from the coordinators' ledgers.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlanProgress } from '../../coordinator/summary.ts'
import type { LocalMesh } from '../../node/demo/local-mesh.ts'
import { DEFAULT_TIMERS } from '../../protocol/federation.ts'
import { readLedger } from '../devnet/running-mesh.ts'
import { type Latencies, latenciesOf } from './latencies.ts'
import { openCrowd } from './peer-crowd.ts'
import { writeSmallForecast } from './small-forecast.ts'

/** A coordinator reads all its verdicts of a plan to tell its progress. */
const POLL_MS = 2_000
/** Neighbours of every peer before anything is measured: as many as gossip wants in its mesh. */
const NEIGHBOURS = 6

export interface PeersRun {
  readonly peers: number
  readonly units: number
  readonly coordinators: number
  /** Forecasts the units are cut into, submitted one after the other. */
  readonly batches: number
  readonly withinMs: number
  /** The crowd is left alone for so long first, to see if it stays meshed. */
  readonly idleMs?: number
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
  /** Connections of the volunteer with the fewest, before the first submission and at the end. */
  readonly fewestConnections: readonly [number, number]
  readonly latencies: Latencies
  /** Processor seconds of this process, with all volunteers, while forecasts were made. */
  readonly cpuSeconds: number
  readonly rssMegabytes: number
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
  const { peers, coordinators, batches } = run
  try {
    const crowd = await openCrowd({ dir, peers, coordinators, timers: DEFAULT_TIMERS })
    try {
      const { mesh, startSeconds } = crowd
      say(`${peers} peers started in ${startSeconds.toFixed(0)} s`)
      const met = await crowd.untilMet(NEIGHBOURS, run.withinMs)
      say(`each is connected to ${met} others or more`)
      await sleep(run.idleMs ?? 0)
      const before = await crowd.fewestConnections()
      const control = await mesh.coordinators[0]?.control()
      const [startedAtMs, cpuBefore] = [performance.now(), process.cpuUsage()]
      const done: PlanProgress[] = []
      for (let batch = 0; batch < batches; batch += 1) {
        const file = await writeSmallForecast(dir, Math.ceil(run.units / batches), batch)
        const submitted = await control?.post<{ plan: string }>('/forecasts', { file })
        done.push(await untilPublished(mesh, submitted?.plan ?? '', startedAtMs + run.withinMs))
        const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0)
        say(`batch ${batch + 1} of ${batches} is published after ${seconds} s`)
      }
      const seconds = (performance.now() - startedAtMs) / 1000
      const cpu = process.cpuUsage(cpuBefore)
      const after = await crowd.fewestConnections()
      const rssMegabytes = Math.round(process.memoryUsage().rss / 1e6)
      await crowd.stop()
      const ledgers = await Promise.all(mesh.coordinators.map(({ home }) => readLedger(home)))
      const operators = done.flatMap((p) => p.operators.flatMap((unit) => unit.operators))
      return {
        seconds,
        startSeconds,
        verified: done.reduce((sum, { units }) => sum + units.verified, 0),
        failed: done.reduce((sum, { units }) => sum + units.failed, 0),
        operators: new Set(operators).size,
        fewestConnections: [before, after],
        latencies: latenciesOf(ledgers),
        cpuSeconds: (cpu.user + cpu.system) / 1e6,
        rssMegabytes
      }
    } finally {
      await crowd.stop()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
