/**
 * kill -9 at random moments, over and over, on a mesh that works, nodes that are still starting
 * included. After every kill the ledger of a coordinator must continue the one before, and at the
 * end every slot of every forecast has been settled once and every product is the one that a
 * machine alone finds.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type LocalMesh, startLocalMesh } from '../../../node/demo/local-mesh.ts'
import { type ForecastSize, writeSmallForecast } from '../../peers/small-forecast.ts'
import { Random } from '../../sim/world/random.ts'
import { PATIENT, simulatedProduct, untilProgress } from '../running-mesh.ts'
import { checkSettledOnce, Ledgers } from './ledgers.ts'
import { type SegmentsLost, segmentsLost } from './segments.ts'

export interface KillsInit {
  readonly kills: number
  readonly units: number
  readonly rngSeed: number
  /** Longest a forecast may take once nobody is killed any more. */
  readonly quietMs: number
  readonly say?: (line: string) => void
}

export interface KillsOutcome {
  readonly ofCoordinators: number
  readonly ofVolunteers: number
  /** Of these, of nodes that did not serve yet. */
  readonly ofStarting: number
  readonly forecasts: number
  readonly facts: number
  readonly segments: SegmentsLost
}

interface Forecast {
  readonly plan: string
  readonly lead: number
  readonly file: string
}

const COORDINATORS = 2
const VOLUNTEERS = 3
/** Between kills: from the middle of a start to the quiet after it. */
const PAUSE_MS = { least: 100, most: 2_500 }
/** Every so many forecasts are of few units that take long: who is killed has something to lose. */
const LONG_EVERY = 3
const LONG_UNITS = 3
/** A segment takes about a second on one core. */
const LONG: Omit<ForecastSize, 'units'> = { unitParticles: 20_000, days: 0.25, step: 'PT1S' }
const PROGRAM = fileURLToPath(new URL('./volunteer.ts', import.meta.url))

/** A mesh whose nodes are killed and started again, whether they serve or still start. */
class KilledMesh {
  readonly counts = { ofCoordinators: 0, ofVolunteers: 0, ofStarting: 0 }
  readonly mesh: LocalMesh
  readonly ledgers = new Ledgers()
  readonly #pids: ReadonlyMap<string, number>
  readonly #starting = new Map<string, Promise<void>>()

  constructor(mesh: LocalMesh, pids: ReadonlyMap<string, number>) {
    this.mesh = mesh
    this.#pids = pids
  }

  /** Starts a node on its folder; a kill on the way is no failure. */
  start(index: number): void {
    const [folder, start] = this.#node(index)
    const started = start().then(
      () => undefined,
      () => undefined
    )
    this.#starting.set(
      folder,
      started.finally(() => this.#starting.delete(folder))
    )
  }

  async kill(index: number, isPatient: boolean): Promise<void> {
    const [folder] = this.#node(index)
    if (isPatient) await this.#starting.get(folder)
    const starting = this.#starting.get(folder)
    if (starting === undefined) await this.#at(index)?.kill()
    else {
      const pid = this.#pids.get(folder)
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
      await starting
      this.counts.ofStarting += 1
    }
    if (index < COORDINATORS) {
      this.counts.ofCoordinators += 1
      await this.ledgers.check(join(this.mesh.dir, folder))
    } else this.counts.ofVolunteers += 1
    this.start(index)
  }

  /** Every node serves: what was killed too early is started again. */
  async settle(): Promise<void> {
    await Promise.all(this.#starting.values())
    for (let index = 0; index < COORDINATORS + VOLUNTEERS; index++) {
      const child = this.#at(index)?.process
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
        await this.#node(index)[1]()
      }
    }
  }

  /** Nobody starts any more: everything that runs can be stopped. */
  async idle(): Promise<void> {
    await Promise.all(this.#starting.values())
  }

  #at(index: number) {
    const { coordinators, volunteers } = this.mesh
    return index < COORDINATORS ? coordinators[index] : volunteers[index - COORDINATORS]
  }

  #node(index: number): readonly [folder: string, start: () => Promise<unknown>] {
    const { mesh } = this
    if (index < COORDINATORS) {
      return [`coordinator-${index + 1}`, () => mesh.startCoordinator(index)]
    }
    const volunteer = index - COORDINATORS
    const start = () => mesh.startVolunteer(volunteer, { program: PROGRAM })
    return [`volunteer-${volunteer + 1}`, start]
  }
}

/** Submits to whichever coordinator answers. */
async function submitAnywhere(mesh: LocalMesh, file: string): Promise<Omit<Forecast, 'file'>> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const lead = attempt % COORDINATORS
    try {
      const control = await mesh.coordinators[lead]?.control()
      const answer = await control?.post<{ plan: string }>('/forecasts', { file })
      if (answer !== undefined) return { plan: answer.plan, lead }
    } catch {
      // It was killed, or is starting: the other one, then this one again.
    }
    await sleep(500)
  }
  return assert.fail('no coordinator took a forecast')
}

const isPublished = async (mesh: LocalMesh, { plan, lead }: Forecast): Promise<boolean> =>
  untilProgress(mesh, lead, plan, (p) => p.forecast !== undefined, 1).then(
    () => true,
    () => false
  )

async function checkForecast(mesh: LocalMesh, forecast: Forecast, quietMs: number): Promise<void> {
  const { plan, lead, file } = forecast
  const done = await untilProgress(mesh, lead, plan, (p) => p.forecast !== undefined, quietMs)
  assert.deepEqual(done.gaps, [])
  assert.equal(done.units.verified, done.units.total)
  assert.equal(done.product, await simulatedProduct(file))
}

async function killAndCheck(
  init: KillsInit,
  killed: KilledMesh,
  submitNext: () => Promise<Forecast>
): Promise<Forecast[]> {
  const { kills, rngSeed, say = () => {} } = init
  const { mesh } = killed
  const random = new Random(rngSeed)
  const forecasts = [await submitNext()]
  let submitting: Promise<Forecast> | undefined
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(random.between(PAUSE_MS.least, PAUSE_MS.most))
    await killed.kill(random.below(COORDINATORS + VOLUNTEERS), random.below(2) === 0)
    const last = forecasts.at(-1)
    if (submitting === undefined && last !== undefined && (await isPublished(mesh, last))) {
      submitting = submitNext()
      submitting.then(
        (next) => {
          forecasts.push(next)
          submitting = undefined
        },
        () => {}
      )
    }
    if (kill % 20 === 19) say(`${kill + 1} kills, ${forecasts.length} forecasts`)
  }
  await killed.settle()
  if (submitting !== undefined) await submitting
  return forecasts
}

export async function runKills(init: KillsInit): Promise<KillsOutcome> {
  const { units, quietMs, say = () => {} } = init
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-kills-'))
  const pids = new Map<string, number>()
  let batches = 0
  try {
    const mesh = await startLocalMesh({
      dir: join(dir, 'nodes'),
      coordinatorCount: COORDINATORS,
      volunteerCount: 0,
      timers: PATIENT,
      onStarted: (folder, pid) => pids.set(folder, pid)
    })
    const killed = new KilledMesh(mesh, pids)
    try {
      for (let index = 0; index < VOLUNTEERS; index++) killed.start(COORDINATORS + index)
      await killed.settle()
      const forecasts = await killAndCheck(init, killed, async () => {
        const batch = batches++
        const isLong = batch % LONG_EVERY === LONG_EVERY - 1
        const file = await writeSmallForecast(
          dir,
          isLong ? LONG_UNITS : units,
          batch,
          ...(isLong ? [LONG] : [])
        )
        return { ...(await submitAnywhere(mesh, file)), file }
      })
      say('no more kills: every forecast is awaited, and compared with one made alone')
      for (const forecast of forecasts) await checkForecast(mesh, forecast, quietMs)
      await mesh.stop()
      for (const { home } of mesh.coordinators) await killed.ledgers.check(home)
      const facts = await checkSettledOnce(mesh.coordinators.map(({ home }) => home))
      const segments = await segmentsLost(mesh.volunteers.map(({ home }) => home))
      return { ...killed.counts, forecasts: forecasts.length, facts, segments }
    } finally {
      await killed.idle()
      await mesh.stop()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
