/**
 * The C oracle (test/oracle/kernel.c): compiles it with the system's compilers, hands it units as
 * files and reads the state it comes to.
 */
import { execFile } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CropCells } from '../../kernel/run.ts'
import { bracketOf, halvesOf, secondsOf } from '../../node/worker/schedule.ts'
import type { Unit } from './unit.ts'

const run = promisify(execFile)
const SOURCE = fileURLToPath(new URL('./kernel.c', import.meta.url))
const ROLES: readonly string[] = ['current', 'wind', 'stokes']
const SCHEMES = ['rk4', 'rk2', 'euler'] as const
/** Ranges of windage in the head, as `struct head` of kernel.c. */
const CLASSES_MAX = 64
/** No fused multiply-add and no reassociation: the bits of the module. */
const FLAGS = ['-O3', '-march=native', '-ffp-contract=off', '-fwrapv']

/** Compilers of this machine, by name. */
export async function findCompilers(): Promise<string[]> {
  const found: string[] = []
  for (const name of ['gcc', 'clang', 'cc']) {
    const works = await run(name, ['--version']).then(
      () => true,
      () => false
    )
    if (works && (name !== 'cc' || found.length === 0)) found.push(name)
  }
  return found
}

/** Path of the oracle compiled by `compiler` into `folder`. */
export async function compileOracle(compiler: string, folder: string): Promise<string> {
  const program = join(folder, `kernel-${compiler}`)
  await run(compiler, [...FLAGS, '-o', program, SOURCE, '-lm'])
  return program
}

/** The head of a unit file, as `struct head` of kernel.c. */
function headOf({ setup, clock, roles }: Unit): Uint8Array {
  const { crop } = setup
  const count = setup.state.length / 18
  const isRing = setup.isPeriodic && crop.columns >= setup.longitudes.length
  const cropOf: CropCells = isRing ? { ...crop, column: 0, columns: setup.longitudes.length } : crop
  const mask = roles.reduce((sum, { role }) => sum | (1 << ROLES.indexOf(role)), 0)
  const slices = ROLES.map((name) => roles.find(({ role }) => role === name)?.slices.length ?? 0)
  const words = [
    ...[setup.longitudes.length, setup.latitudes.length, Number(setup.isPeriodic)],
    ...[cropOf.column, cropOf.row, cropOf.columns, cropOf.rows, Number(isRing)],
    ...[mask, SCHEMES.indexOf(setup.scheme), Number(setup.isWindRelative)],
    ...[clock.firstStep, clock.stepCount, count, setup.firstParticle, ...setup.rngKey, ...slices]
  ]
  const windages = new Float64Array(CLASSES_MAX * 2)
  windages.set(setup.classes.flatMap(({ windage }) => windage))
  const head = new Uint8Array(words.length * 4 + 16 + windages.byteLength)
  new Int32Array(head.buffer, 0, words.length).set(words)
  new Float64Array(head.buffer, words.length * 4, 2).set([setup.stepSeconds, setup.diffusivity])
  new Float64Array(head.buffer, words.length * 4 + 16).set(windages)
  return head
}

/** Three brackets for every half step, as `struct bracket` of kernel.c. */
function bracketsOf({ clock, roles }: Unit): Uint8Array {
  const halves = [...halvesOf(clock)]
  const bytes = new Uint8Array(halves.length * ROLES.length * 32)
  const view = new DataView(bytes.buffer)
  for (const [i, { step, half }] of halves.entries()) {
    const seconds = secondsOf(clock, step, half)
    for (const { role, times } of roles) {
      const at = (i * ROLES.length + ROLES.indexOf(role)) * 32
      const { index, needsNext } = bracketOf({ role, times }, seconds)
      const next = needsNext ? index + 1 : index
      for (const [place, value] of [seconds, times[index], times[next]].entries()) {
        view.setFloat64(at + place * 8, value ?? 0, true)
      }
      view.setInt32(at + 24, index, true)
      view.setInt32(at + 28, next, true)
    }
  }
  return bytes
}

export async function writeUnitFile(path: string, unit: Unit): Promise<void> {
  const file = await open(path, 'w')
  const { land, metric, state } = unit.setup
  const padded = new Uint8Array((land.length + 3) & ~3)
  padded.set(land)
  try {
    await file.write(headOf(unit))
    await file.write(state)
    await file.write(padded)
    await file.write(metric)
    for (const name of ROLES) {
      for (const { u, v } of unit.roles.find(({ role }) => role === name)?.slices ?? []) {
        await file.write(u)
        await file.write(v)
      }
    }
    await file.write(bracketsOf(unit))
  } finally {
    await file.close()
  }
}

export interface NativeRun {
  readonly state: Uint8Array
  /** Seconds of every round, of packing and stepping. */
  readonly seconds: readonly number[]
  readonly fuel: number
}

/** Runs a unit file `rounds` times in one process. */
export async function runNative(program: string, unitFile: string, rounds = 1): Promise<NativeRun> {
  const stateFile = `${unitFile}.state`
  const { stdout } = await run(program, [unitFile, stateFile, String(rounds)])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { seconds: number; fuel: number })
  return {
    state: new Uint8Array(await readFile(stateFile)),
    seconds: lines.map(({ seconds }) => seconds),
    fuel: lines[0]?.fuel ?? 0
  }
}
