/**
 * kill -9 at random moments, over and over, on a mesh that works: after every kill the ledger of a
 * coordinator must continue the one before, and at the end every slot of every forecast has been
 * settled once and every product is the one that a machine alone finds.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFact, type Fact } from '../../coordinator/fact.ts'
import { type LocalMesh, startLocalMesh } from '../../node/demo/local-mesh.ts'
import { toHex } from '../../protocol/hex.ts'
import { writeSmallForecast } from '../peers/small-forecast.ts'
import { Random } from '../sim/world/random.ts'
import { PATIENT, readLedger, simulatedProduct, untilProgress } from './running-mesh.ts'

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
  readonly forecasts: number
  readonly facts: number
}

const COORDINATORS = 2
const VOLUNTEERS = 3
/** Between kills: from the middle of a start to the quiet after it. */
const PAUSE_MS = { least: 200, most: 3_000 }

/** Facts of a ledger that was just killed; they must begin with those seen before. */
async function checkContinues(home: string, before: readonly string[]): Promise<string[]> {
  const now = (await readLedger(home)).map(encodeFact).map(toHex)
  assert.deepEqual(now.slice(0, before.length), before, `${home}: a logged fact is gone`)
  return now
}

const settledSlots = (facts: readonly Fact[]): string[] =>
  facts.flatMap((fact) =>
    fact.kind === 'slot-settled'
      ? [`${fact.plan} ${fact.slot.member}/${fact.slot.block}/${fact.slot.window}`]
      : []
  )

/** A forecast submitted to whichever coordinator answers; its plan and file. */
async function submitAnywhere(
  mesh: LocalMesh,
  file: string,
  attempts: number
): Promise<{ plan: string; lead: number } | undefined> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
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
  return undefined
}

export async function runKills(init: KillsInit): Promise<KillsOutcome> {
  const { kills, units, rngSeed, quietMs, say = () => {} } = init
  const random = new Random(rngSeed)
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-kills-'))
  const mesh = await startLocalMesh({
    dir: join(dir, 'nodes'),
    coordinatorCount: COORDINATORS,
    volunteerCount: VOLUNTEERS,
    timers: PATIENT
  })
  const ledgers = new Map<number, string[]>()
  const forecasts: { plan: string; lead: number; file: string }[] = []
  const counts = { ofCoordinators: 0, ofVolunteers: 0 }

  const submitNext = async (): Promise<void> => {
    const file = await writeSmallForecast(dir, units, forecasts.length)
    const submitted = await submitAnywhere(mesh, file, 40)
    assert.ok(submitted, 'no coordinator took a forecast')
    forecasts.push({ ...submitted, file })
  }
  const isPublished = async ({ plan, lead }: { plan: string; lead: number }): Promise<boolean> =>
    untilProgress(mesh, lead, plan, (p) => p.forecast !== undefined, 1).then(
      () => true,
      () => false
    )
  const killCoordinator = async (index: number): Promise<void> => {
    await mesh.coordinators[index]?.kill()
    const home = mesh.coordinators[index]?.home ?? ''
    ledgers.set(index, await checkContinues(home, ledgers.get(index) ?? []))
    await mesh.startCoordinator(index)
    counts.ofCoordinators += 1
  }
  const killVolunteer = async (index: number): Promise<void> => {
    await mesh.volunteers[index]?.kill()
    await mesh.startVolunteer(index)
    counts.ofVolunteers += 1
  }

  try {
    await submitNext()
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(random.between(PAUSE_MS.least, PAUSE_MS.most))
      const victim = random.below(COORDINATORS + VOLUNTEERS)
      if (victim < COORDINATORS) await killCoordinator(victim)
      else await killVolunteer(victim - COORDINATORS)
      const last = forecasts.at(-1)
      if (last !== undefined && (await isPublished(last))) await submitNext()
      if (kill % 20 === 19) say(`${kill + 1} kills, ${forecasts.length} forecasts`)
    }
    for (const { plan, lead, file } of forecasts) {
      const done = await untilProgress(mesh, lead, plan, (p) => p.forecast !== undefined, quietMs)
      assert.deepEqual(done.gaps, [])
      assert.equal(done.units.verified, done.units.total)
      assert.equal(done.product, await simulatedProduct(file))
    }
    await mesh.stop()
    let facts = 0
    for (const [index, { home }] of mesh.coordinators.entries()) {
      const ledger = await readLedger(home)
      facts += ledger.length
      await checkContinues(home, ledgers.get(index) ?? [])
      const settled = settledSlots(ledger)
      assert.equal(new Set(settled).size, settled.length, `${home} settled a slot twice`)
    }
    return { ...counts, forecasts: forecasts.length, facts }
  } finally {
    await mesh.stop()
    await rm(dir, { recursive: true, force: true })
  }
}
