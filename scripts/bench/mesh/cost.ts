/**
 * What the mesh adds to the work itself: one forecast through two coordinators and two established
 * operators, each a process of its own, against `simulate` of the same file in the same run. All in
 * processor time, from when every process is up.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlanProgress } from '../../../coordinator/summary.ts'
import { type LocalMesh, startLocalMesh } from '../../../node/demo/local-mesh.ts'
import { simulateForecast } from '../../../node/forecast/simulate.ts'
import { DEFAULT_TIMERS } from '../../../protocol/federation.ts'
import { readLedger } from '../../../test/devnet/running-mesh.ts'
import { type ForecastSize, writeSmallForecast } from '../../../test/peers/small-forecast.ts'
import { timed } from './processor.ts'
import { minus, sumOf, type ThreadSeconds, threadSeconds } from './threads.ts'

const REPLICAS = 2
/** Both owners see both operators agree more than ten times: nobody is on probation after it. */
const WARM_UP_UNITS = 48
const WITHIN_MS = 4 * 3_600_000

export interface MeshCost {
  readonly units: number
  readonly particleSteps: number
  readonly simulateSeconds: number
  readonly meshSeconds: number
  readonly ratio: number
  /** Where the mesh's seconds went. */
  readonly parts: {
    /** Kernel threads of the volunteers. */
    readonly kernel: number
    /** Kernel threads of the coordinators, by the number of segments run for each purpose. */
    readonly audit: number
    readonly cosign: number
    /** Everything else until the last unit is final. */
    readonly network: number
    /** From then to the published forecast: products, signatures. */
    readonly assembly: number
  }
  readonly audits: number
  readonly attestations: number
  /** Did mesh and `simulate` find the same product? */
  readonly isSame: boolean
}

async function submit(mesh: LocalMesh, file: string): Promise<string> {
  const control = await mesh.coordinators[0]?.control()
  const submitted = await control?.post<{ plan: string }>('/forecasts', { file })
  return submitted?.plan ?? ''
}

/**
 * Between two looks at a plan: a coordinator reads its verdicts for each, and the look of a person
 * is no cost of the mesh.
 */
const LOOK_MS = 5_000

async function untilProgress(
  mesh: LocalMesh,
  plan: string,
  isWanted: (progress: PlanProgress) => boolean
): Promise<PlanProgress> {
  const control = await mesh.coordinators[0]?.control()
  const endMs = performance.now() + WITHIN_MS
  for (;;) {
    const progress = await control?.get<PlanProgress>(`/forecasts/${plan}`)
    if (progress !== undefined && isWanted(progress)) return progress
    if (performance.now() > endMs) {
      throw new Error(`not within ${WITHIN_MS} ms: ${JSON.stringify(progress?.units)}`)
    }
    await sleep(LOOK_MS)
  }
}

/** Is every unit decided, and checked by the others? */
const isFinal = ({ units, unattested, forecast }: PlanProgress): boolean =>
  forecast !== undefined || (units.verified === units.total && unattested === 0)

export async function measureCost(
  size: ForecastSize,
  say: (line: string) => void
): Promise<MeshCost> {
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-cost-'))
  const mesh = await startLocalMesh({
    dir: join(dir, 'nodes'),
    coordinatorCount: 2,
    volunteerCount: REPLICAS,
    timers: DEFAULT_TIMERS
  })
  try {
    const warmUp = await writeSmallForecast(dir, WARM_UP_UNITS, 0)
    const first = await submit(mesh, warmUp)
    await untilProgress(mesh, first, ({ forecast }) => forecast !== undefined)
    say('both operators are established')
    const file = await writeSmallForecast(dir, size.units, 1, size)
    const nodes = [mesh.relay, ...mesh.coordinators, ...mesh.volunteers]
    const read = (): ThreadSeconds[] =>
      nodes.map(({ process: { pid } }) => threadSeconds(pid ?? Number.NaN))
    const began = read()
    const plan = await submit(mesh, file)
    const decided = await untilProgress(mesh, plan, isFinal)
    const atFinal = read()
    say(`${decided.units.verified} of ${decided.units.total} units are final`)
    const published = ({ forecast }: PlanProgress): boolean => forecast !== undefined
    const progress = await untilProgress(mesh, plan, published)
    const ended = read()
    await mesh.stop()
    const ledgers = await Promise.all(mesh.coordinators.map(({ home }) => readLedger(home)))
    const facts = ledgers.flat().filter((fact) => !('plan' in fact) || `${fact.plan}` === plan)
    const since = progress.submittedAtMs
    const audits = facts
      .flatMap((fact) => (fact.kind === 'reveal-asked' && fact.atMs >= since ? [fact] : []))
      .reduce((sum, { segments }) => sum + segments.length, 0)
    // both ledgers hold each of them
    const attestations = new Set(
      facts.flatMap((fact) => (fact.kind === 'attestation-logged' ? `${fact.attestation}` : []))
    ).size
    say('simulate …')
    const simulated = await timed(() => simulateForecast(file, { threads: REPLICAS }))
    const simulateSeconds = simulated.cpuMs / 1000
    const untilFinal = atFinal.map((after, index) => minus(after, began[index] ?? after))
    const afterFinal = ended.map((after, index) => minus(after, atFinal[index] ?? after))
    const volunteers = sumOf(untilFinal.slice(1 + mesh.coordinators.length))
    const checks = sumOf(untilFinal.slice(1, 1 + mesh.coordinators.length)).kernel
    const rest = sumOf(afterFinal)
    const share = audits + attestations === 0 ? 0 : audits / (audits + attestations)
    const parts = {
      kernel: volunteers.kernel,
      audit: checks * share,
      cosign: checks * (1 - share),
      network: sumOf(untilFinal).other,
      assembly: rest.kernel + rest.other
    }
    const meshSeconds = Object.values(parts).reduce((sum, part) => sum + part, 0)
    return {
      units: progress.units.total,
      particleSteps: simulated.result.particleSteps,
      simulateSeconds,
      meshSeconds,
      ratio: meshSeconds / (REPLICAS * simulateSeconds),
      parts,
      audits,
      attestations,
      isSame: progress.product === simulated.result.product
    }
  } finally {
    await mesh.stop()
    await rm(dir, { recursive: true, force: true })
  }
}
