/**
 * The kernel against the same algorithm in C by the system's compilers: every bit of every state,
 * over every scheme, forcing and fate that both know.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadKernel } from '../../kernel/kernel.ts'
import { builtInKernel } from '../../node/worker/kernel-file.ts'
import { type EddyOptions, eddyUnit } from '../oracle/eddies.ts'
import { compileOracle, findCompilers, runNative, writeUnitFile } from '../oracle/native.ts'
import { runUnit } from '../oracle/unit.ts'

const SEA: EddyOptions = {
  columns: 90,
  rows: 70,
  spacing: 1 / 16,
  particles: 3001,
  steps: 150,
  stepSeconds: 600,
  windages: 'each'
}
const AFLOAT = 1
const STRANDED = 2
const OUTSIDE = 3
const MISSING = 5
/** A case and the statuses that must occur in it. */
const CASES: Record<string, readonly [options: Partial<EddyOptions>, statuses: number[]]> = {
  'current and wind': [{}, [AFLOAT]],
  'current alone': [{ windages: 0 }, [AFLOAT]],
  'one windage class': [{ windages: 1 }, [AFLOAT]],
  'relative wind, Stokes drift': [
    { roles: ['current', 'wind', 'stokes'], isWindRelative: true, windages: 3 },
    [AFLOAT]
  ],
  'diffusion and late release': [{ diffusivity: 20, lateStep: 31 }, [AFLOAT]],
  'an island': [{ islandCells: 12 }, [AFLOAT, STRANDED]],
  'edges of the domain': [{ columns: 20, rows: 20 }, [AFLOAT, OUTSIDE]],
  'holes in the forcing': [{ hasHoles: true }, [AFLOAT, MISSING]],
  'a ring around the globe': [{ columns: 360, rows: 60, spacing: 1, isPeriodic: true }, [AFLOAT]],
  backwards: [{ stepSeconds: -900, diffusivity: 5 }, [AFLOAT]],
  'the midpoint rule': [{ scheme: 'rk2' }, [AFLOAT]],
  Euler: [{ scheme: 'euler' }, [AFLOAT]]
}

describe('physics: the C oracle', () => {
  const programs: string[] = []
  let folder = ''

  before(async function () {
    const compilers = await findCompilers()
    if (compilers.length === 0) {
      console.log('      skipped: no C compiler here (gcc 12 or clang)')
      this.skip()
    }
    folder = await mkdtemp(join(tmpdir(), 'driftmesh-oracle-'))
    for (const compiler of compilers) programs.push(await compileOracle(compiler, folder))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const [name, [options, statuses]] of Object.entries(CASES)) {
    it(name, async () => {
      const kernel = loadKernel(builtInKernel().bytes)
      const unit = eddyUnit(kernel, { ...SEA, ...options })
      const ran = runUnit(kernel, unit, performance.now.bind(performance))
      const counts = ran.run.counts()
      for (const status of statuses) assert.ok((counts[status] ?? 0) > 10, `${counts}`)
      const state = Buffer.from(ran.run.state())
      const file = join(folder, 'unit')
      await writeUnitFile(file, unit)
      for (const program of programs) {
        const native = await runNative(program, file)
        assert.equal(native.fuel, ran.fuel, program)
        assert.ok(state.equals(native.state), `${program}: the states differ`)
      }
    })
  }
})
