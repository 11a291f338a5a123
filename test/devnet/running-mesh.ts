/** A real mesh for one test: processes on loopback in a temporary folder, and how to ask them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseDocument } from 'yaml'
import { decodeFact, type Fact } from '../../coordinator/fact.ts'
import type { PlanProgress } from '../../coordinator/summary.ts'
import { writeDemoForecast } from '../../node/demo/demo-forecast.ts'
import { type LocalMesh, startLocalMesh } from '../../node/demo/local-mesh.ts'
import { simulateForecast } from '../../node/forecast/simulate.ts'
import { openLedger } from '../../node/store/ledger.ts'
import type { Timers } from '../../protocol/federation.ts'

/** How often a condition is looked at. */
const POLL_MS = 100
/**
 * Timers of meshes under test: what is repeated comes quickly, what is waited for has so much time
 * that a machine which is busy with other things is not late.
 */
export const PATIENT: Timers = {
  heartbeatMs: 2_500,
  leaseMinMs: 90_000,
  leaseMaxMs: 600_000,
  leaseExtraMs: 60_000,
  revealMs: 60_000,
  fetchMs: 60_000,
  announceMs: 2_000,
  resendMs: 1_000,
  retryMs: 1_500,
  headMs: 1_000,
  silentMs: 12_000
}

export interface TestMesh extends AsyncDisposable {
  readonly dir: string
  readonly mesh: LocalMesh
  readonly forecastFile: string
}

export interface MeshOptions {
  readonly coordinators: number
  /** Of these the test starts so many itself. */
  readonly coordinatorsHeldBack?: number
  readonly volunteers: number
  readonly particles: number
}

/** A mesh and a forecast file of the built-in sample; everything is gone after the test. */
export async function openTestMesh(options: MeshOptions): Promise<TestMesh> {
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-devnet-'))
  const forecastFile = join(dir, 'forecast.yaml')
  await writeDemoForecast(forecastFile, undefined, options.particles, options.volunteers)
  const mesh = await startLocalMesh({
    dir: join(dir, 'nodes'),
    coordinatorCount: options.coordinators,
    coordinatorsHeldBack: options.coordinatorsHeldBack ?? 0,
    volunteerCount: options.volunteers,
    timers: PATIENT
  })
  return {
    dir,
    mesh,
    forecastFile,
    [Symbol.asyncDispose]: async () => {
      await mesh.stop()
      await rm(dir, { recursive: true, force: true })
    }
  }
}

/** The same forecast with other random numbers: other units. @returns the new file */
export async function withSeed(forecastFile: string, rngSeed: number): Promise<string> {
  const document = parseDocument(await readFile(forecastFile, 'utf8'))
  document.setIn(['spec', 'ensemble', 'rngSeed'], rngSeed)
  const file = forecastFile.replace(/\.yaml$/, `-${rngSeed}.yaml`)
  await writeFile(file, document.toString())
  return file
}

/** Gives a forecast file to the first coordinator. @returns CID of the plan */
export async function submit({ mesh, forecastFile }: TestMesh, file?: string): Promise<string> {
  const control = await mesh.coordinators[0]?.control()
  if (control === undefined) throw new Error('the mesh has no coordinator')
  const { plan } = await control.post<{ plan: string }>('/forecasts', {
    file: file ?? forecastFile
  })
  return plan
}

/** The progress of a plan at one coordinator, once it is as wanted. */
export async function untilProgress(
  mesh: LocalMesh,
  coordinator: number,
  plan: string,
  isWanted: (progress: PlanProgress) => boolean,
  withinMs: number
): Promise<PlanProgress> {
  const endMs = performance.now() + withinMs
  let last: PlanProgress | undefined
  while (performance.now() < endMs) {
    try {
      const control = await mesh.coordinators[coordinator]?.control()
      last = await control?.get<PlanProgress>(`/forecasts/${plan}`)
      if (last !== undefined && isWanted(last)) return last
    } catch {
      // A node that was just killed or restarted answers later.
    }
    await sleep(POLL_MS)
  }
  throw new Error(`not so within ${withinMs} ms; last seen: ${JSON.stringify(last, null, 1)}`)
}

/** The ledger of a coordinator that is not running. */
export async function readLedger(home: string): Promise<Fact[]> {
  const ledger = await openLedger(join(home, 'ledger'))
  const facts: Fact[] = []
  for await (const entry of ledger.entries()) facts.push(decodeFact(entry))
  await ledger.close()
  return facts
}

/** The product that the same file gives without a network. */
export async function simulatedProduct(forecastFile: string): Promise<string> {
  return (await simulateForecast(forecastFile, { threads: 2 })).product
}
