/**
 * One small forecast on disk for all readers, made from particles that move by a formula, large
 * enough for overviews of its map.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssembledProduct } from '../../node/forecast/product/assemble.ts'
import { exportFolder } from '../../node/forecast/product/folder/folder.ts'
import type { Plan } from '../../protocol/plan.ts'
import { assembleWorld, buildWorld } from '../unit/product/assembled.ts'

/** 0.005 degrees: 400 × 300 cells are more than one tile of the map. */
const GRID = {
  westDegrees: 8,
  southDegrees: 42,
  resolutionDegrees: 0.005,
  columns: 400,
  rows: 300
}

export interface ForecastOnDisk {
  readonly plan: Plan
  readonly assembled: AssembledProduct
  readonly folder: string
  remove(): Promise<void>
}

export async function forecastOnDisk(): Promise<ForecastOnDisk> {
  const made = buildWorld({ cuts: [15], particles: 40, outputEverySteps: 8, grid: GRID })
  const world = { ...made, plan: { ...made.plan, title: 'Bassin d’essai × 2' } }
  const { assembled, blocks } = await assembleWorld(world)
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-readers-'))
  const folder = join(dir, 'forecast')
  await exportFolder(assembled.product, blocks, folder)
  return {
    plan: world.plan,
    assembled,
    folder,
    remove: () => rm(dir, { recursive: true, force: true })
  }
}

/** What a tool says; throws with its own words where it fails. */
export function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout
}

/** Skips a suite where a tool is absent, in one line. */
export function needs(context: Mocha.Context, command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args)
  if (status === 0) return
  console.log(`skipped: no ${[command, ...args].join(' ')} here`)
  context.skip()
}
