/**
 * The demonstration: a real mesh of processes on this machine runs one forecast from data files to
 * a published folder, and a fresh peer checks it. Everything it says of the run comes from the
 * coordinators' ledgers.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { MeshError } from '../mesh-error.ts'
import { writeDemoForecast } from './demo-forecast.ts'
import { type LocalMesh, startLocalMesh } from './local-mesh.ts'
import { type SelfCheck, selfCheck } from './self-check.ts'

/** How often the coordinator is asked for its progress. */
const POLL_MS = 250

export interface DemoInit {
  /** Folder that this demo makes and fills. */
  readonly dir: string
  /** Folder of data files; the built-in sample where absent. */
  readonly data?: string
  readonly coordinatorCount: number
  readonly volunteerCount: number
  readonly particleCount: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  readonly onProgress: (status: PlanProgress, peers: number, seconds: number) => void
}

export interface DemoOutcome {
  readonly mesh: LocalMesh
  readonly forecastFile: string
  readonly status: PlanProgress
  readonly forecast: string
  /** Peers connected to the lead coordinator at the end. */
  readonly peers: number
  /** From the submission to the published forecast. */
  readonly seconds: number
  readonly check: SelfCheck
}

interface Published {
  readonly status: PlanProgress
  readonly forecast: string
  readonly peers: number
  readonly seconds: number
}

/** The lead's view, with what the other coordinators say of the units that they own. */
async function overallStatus(
  mesh: LocalMesh,
  plan: string,
  signal: AbortSignal
): Promise<PlanProgress> {
  const views = await Promise.all(
    mesh.coordinators.map(async (node) => {
      const control = await node.control()
      return control.get<PlanProgress>(`/forecasts/${plan}`, signal).catch(() => undefined)
    })
  )
  const [lead, ...others] = views
  if (lead === undefined) throw new MeshError('node/unreachable', 'the lead coordinator is gone')
  const known = others.filter((view) => view !== undefined)
  const sum = (pick: (view: PlanProgress) => number): number =>
    known.reduce((total, view) => total + pick(view), pick(lead))
  return {
    ...lead,
    units: {
      ...lead.units,
      open: sum((view) => view.units.open),
      leased: sum((view) => view.units.leased),
      committed: sum((view) => view.units.committed),
      elsewhere: 0
    },
    faults: [lead, ...known].flatMap((view) => view.faults)
  }
}

/** A forecast with gaps is a forecast, but a demonstration with gaps has failed. */
const unitsFailed = ({ units, gaps }: PlanProgress): MeshError =>
  new MeshError(
    'kernel/fault',
    `${units.failed} of ${units.total} units failed (${gaps[0]?.reason}): no volunteer could ` +
      'compute them; see node.log in the folders of the volunteers'
  )

async function run(mesh: LocalMesh, file: string, init: DemoInit): Promise<Published> {
  const lead = await mesh.coordinators[0]?.control()
  if (lead === undefined) throw new MeshError('node/unreachable', 'no coordinator was started')
  const startMs = performance.now()
  const { plan, notes } = await lead.post<{ plan: string; notes: string[] }>(
    '/forecasts',
    { file },
    init.signal
  )
  for (const note of notes) init.say(`note: ${note}`)
  for (;;) {
    const status = await overallStatus(mesh, plan, init.signal)
    const { peers } = await lead.get<{ peers: number }>('/status', init.signal)
    const seconds = (performance.now() - startMs) / 1000
    if (status.forecast !== undefined) {
      if (status.units.failed > 0) throw unitsFailed(status)
      return { status, forecast: status.forecast, peers, seconds }
    }
    init.onProgress(status, peers, seconds)
    await sleep(POLL_MS, undefined, { signal: init.signal })
  }
}

/**
 * Runs the demonstration; the mesh still serves when it returns, and the caller stops it. When it
 * fails, the mesh is stopped.
 */
export async function demonstrate(init: DemoInit): Promise<DemoOutcome> {
  await mkdir(init.dir, { recursive: true })
  const forecastFile = join(init.dir, 'forecast.yaml')
  const { data, particleCount } = init
  const notes = await writeDemoForecast(forecastFile, data, particleCount, init.volunteerCount)
  for (const note of notes) init.say(`note: ${note}`)
  init.say(
    `starting 1 relay, ${init.coordinatorCount} coordinators, ${init.volunteerCount} volunteers`
  )
  const mesh = await startLocalMesh({
    dir: join(init.dir, 'nodes'),
    coordinatorCount: init.coordinatorCount,
    volunteerCount: init.volunteerCount,
    signal: init.signal
  })
  try {
    const published = await run(mesh, forecastFile, init)
    init.say(
      'forecast published; a fresh peer that knows only the relay and the root key checks it'
    )
    const check = await selfCheck(mesh, published.forecast, join(init.dir, 'forecast'), init.signal)
    return { mesh, forecastFile, check, ...published }
  } catch (error) {
    await mesh.stop()
    throw error
  }
}
