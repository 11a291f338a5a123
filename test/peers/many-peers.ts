/**
 * Many real peers in one process: every volunteer has its own libp2p host, store, records and keys;
 * they share one loop and a few kernel threads. Relay and coordinators are processes of their own.
 * Latencies are read from the coordinators' ledgers and the announcements that arrived.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMap, isSeq, parseDocument } from 'yaml'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { type LocalMesh, startLocalMesh } from '../../node/demo/local-mesh.ts'
import { writeAtomically } from '../../node/service/home.ts'
import type { RunningNode } from '../../node/service/running-node.ts'
import { openVolunteer } from '../../node/service/volunteer.ts'
import { openKernelThreads } from '../../node/worker/kernel-threads.ts'
import { readLedger } from '../devnet/running-mesh.ts'
import { type Latencies, latenciesOf } from './latencies.ts'

/** Particles of a unit: enough to be a real run, few enough that the mesh is what is measured. */
const UNIT_PARTICLES = 20
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

const SAMPLE = fileURLToPath(new URL('../../node/sample/forecast.yaml', import.meta.url))

/** A forecast of the sample data with so many units, each a few seconds of drift. */
async function writeForecast(file: string, units: number, batch: number): Promise<void> {
  const document = parseDocument(await readFile(SAMPLE, 'utf8'))
  const forcing = document.getIn(['spec', 'forcing'])
  if (isSeq(forcing)) {
    for (const entry of forcing.items) {
      if (isMap(entry)) entry.set('source', resolve(dirname(SAMPLE), String(entry.get('source'))))
    }
  }
  const members = Math.min(units, 50)
  const particles = Math.ceil(units / members) * UNIT_PARTICLES
  const [first] = (document.toJS() as { spec: { seeding: object[] } }).spec.seeding
  document.setIn(['spec', 'seeding'], [{ ...first, particles }])
  document.setIn(['spec', 'duration'], 'PT6H')
  document.setIn(['spec', 'ensemble'], { members, rngSeed: 1000 + batch })
  document.setIn(['spec', 'mesh', 'unitParticles'], UNIT_PARTICLES)
  await writeAtomically(file, document.toString())
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
      const file = join(dir, `forecast-${batch}.yaml`)
      await writeForecast(file, Math.ceil(run.units / run.batches), batch)
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
