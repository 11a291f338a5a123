/**
 * Measures the kernel alone on one thread: RK4 with current and wind on 256 × 256 nodes, packs
 * included, without and with diffusion. Rates per second of wall clock and of processor time,
 * because a shared machine slows only the first.
 *   node scripts/bench-kernel.ts [particles] [steps]
 */
import { readFileSync } from 'node:fs'
import { loadKernel } from '../kernel/kernel.ts'
import { haloBox, type Run } from '../kernel/run.ts'

const NODES = 256
const CELL_METRES = 1000
const STEP_SECONDS = 600
/** Steps before the clock starts: the engine has compiled by then. */
const WARM_STEPS = 20
const MIDDLE = (NODES * CELL_METRES) / 2
const TURN = (2 * Math.PI) / (4 * 86_400)

const particleCount = Number(process.argv[2] ?? 100_000)
const stepCount = Number(process.argv[3] ?? 150)
const wasm = readFileSync(new URL('../kernel/kernel.wasm', import.meta.url))

function startRun(diffusivity: number): Run {
  const kernel = loadKernel(wasm)
  const axis = Float64Array.from({ length: NODES }, (_, i) => i * CELL_METRES)
  const seeded = kernel.seedPoints({
    longitudes: axis,
    latitudes: axis,
    isPeriodic: false,
    land: new Uint8Array(NODES * NODES),
    metric: 'flat',
    points: [[MIDDLE, MIDDLE]],
    radiusMetres: 80_000,
    firstParticle: 0,
    particleCount,
    rngSeed: [1, 2],
    releaseStep: 0,
    classIndex: 0,
    windage: [0.01, 0.03]
  })
  const crop = { column: 0, row: 0, columns: NODES, rows: NODES }
  const box = haloBox(NODES, false, crop)
  const nodes = box.columns * box.rows
  const run = kernel.startRun({
    longitudes: axis,
    latitudes: axis,
    isPeriodic: false,
    isFlat: true,
    crop,
    land: new Uint8Array(nodes),
    metric: Float32Array.from({ length: nodes * 4 }, (_, i) =>
      i % 4 === 0 || i % 4 === 3 ? 1 / CELL_METRES : 0
    ),
    roles: ['current', 'wind'],
    stepSeconds: STEP_SECONDS,
    firstStep: 0,
    scheme: 'rk4',
    diffusivity,
    isWindRelative: false,
    rngKey: [1, 2],
    classCount: 1,
    density: { west: 0, south: 0, resolution: 5000, columns: 52, rows: 52 },
    firstParticle: 0,
    state: seeded.state,
    trackedCount: 0,
    fuelMax: Number.MAX_SAFE_INTEGER
  })
  const u = new Float32Array(nodes)
  const v = new Float32Array(nodes)
  for (let node = 0; node < nodes; node++) {
    u[node] = -TURN * ((box.row + Math.floor(node / box.columns)) * CELL_METRES - MIDDLE)
    v[node] = TURN * ((box.column + (node % box.columns)) * CELL_METRES - MIDDLE)
  }
  const breeze = new Float32Array(nodes).fill(0.5)
  for (const index of [0, 1]) {
    run.loadSlice('current', index, u, v)
    run.loadSlice('wind', index, breeze, breeze)
  }
  return run
}

function steps(run: Run, first: number, count: number): void {
  const pack = (half: 0 | 1 | 2, seconds: number): void => {
    for (const role of ['current', 'wind'] as const) run.bracket(role, 0, seconds, 0, 1e7)
    run.pack(half)
  }
  for (let step = first; step < first + count; step++) {
    if (step === 0) pack(0, 0)
    pack(1, (step + 0.5) * STEP_SECONDS)
    pack(2, (step + 1) * STEP_SECONDS)
    run.step()
  }
}

for (const diffusivity of [0, 1]) {
  const run = startRun(diffusivity)
  steps(run, 0, WARM_STEPS)
  const before = run.fuel
  const startMs = performance.now()
  const startCpu = process.cpuUsage()
  steps(run, WARM_STEPS, stepCount)
  const cpu = process.cpuUsage(startCpu)
  const millions = (run.fuel - before) / 1e6
  const perWallSecond = millions / ((performance.now() - startMs) / 1000)
  const perCpuSecond = millions / ((cpu.user + cpu.system) / 1e6)
  console.log(
    `K ${diffusivity} m²/s: ${perWallSecond.toFixed(1)} M particle-steps per wall second, ` +
      `${perCpuSecond.toFixed(1)} M per processor second`
  )
}
