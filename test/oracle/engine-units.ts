/**
 * The units of the determinism matrix: together they use every part of the kernel. Runs in any
 * engine: no Node, no host maths; the caller gives the module's bytes and gets one line per unit.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { loadKernel } from '../../kernel/kernel.ts'
import { type EddyOptions, eddyUnit } from './eddies.ts'
import { runUnit } from './unit.ts'

const BASE: EddyOptions = {
  columns: 80,
  rows: 60,
  spacing: 1 / 16,
  particles: 999,
  steps: 150,
  stepSeconds: 600,
  windages: 'each',
  trackedCount: 50
}
const UNITS: Readonly<Record<string, Partial<EddyOptions>>> = {
  'current, wind, Stokes drift, diffusion, island, holes': {
    roles: ['current', 'wind', 'stokes'],
    diffusivity: 10,
    islandCells: 9,
    hasHoles: true,
    lateStep: 33
  },
  'around the globe, relative wind, classes': {
    columns: 360,
    rows: 40,
    spacing: 1,
    isPeriodic: true,
    isWindRelative: true,
    windages: 3,
    steps: 60,
    stepSeconds: 3600
  },
  'backwards, one class': { stepSeconds: -900, windages: 1, diffusivity: 5 },
  'midpoint rule, out of the domain': { scheme: 'rk2', columns: 20, rows: 20 },
  'current alone': { windages: 0 },
  'chance at the coast, mixed depths, waves, noise, a field of diffusivity, perturbed': {
    roles: ['current', 'level1', 'wind', 'stokes', 'diffusivity', 'wavePeriod'],
    diffusivity: 1,
    islandCells: 9,
    lateStep: 33,
    steps: 120,
    drift: {
      isDiffusivityField: true,
      stokes: 'field',
      vertical: 'mixed',
      coast: 'probabilistic',
      beaching: { beachingSeconds: 20_000, refloatSeconds: 30_000, zoneMetres: 20_000 },
      halfLifeSeconds: 400_000,
      maxAgeSeconds: 60_000,
      noise: { deviationMetresPerSecond: 0.05, timescaleSeconds: 20_000 },
      perturbation: {
        currentFactor: 1.1,
        windageFactor: 0.9,
        diffusivityFactor: 1.2,
        releaseShiftSteps: 3
      },
      classes: [{ windage: [0.01, 0.03], riseVelocity: 0.01, depth: 0 }],
      levelDepths: [0, 12],
      originStarts: [500]
    }
  },
  'parameterised Stokes drift at a depth, sliding': {
    roles: ['current', 'wind'],
    islandCells: 9,
    drift: {
      stokes: 'parameterised',
      wavePeriodSeconds: 8,
      coast: 'slide',
      classes: [{ windage: [0, 0], riseVelocity: 0, depth: 2 }]
    }
  }
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export interface EngineHash {
  readonly unit: string
  /** SHA-256 of state, densities, tracks and beached counts. */
  readonly hash: string
}

export function hashUnits(wasm: Uint8Array): EngineHash[] {
  return Object.entries(UNITS).map(([unit, options]) => {
    const hash = sha256.create()
    const given = eddyUnit(loadKernel(wasm), { ...BASE, ...options })
    const { run } = runUnit(
      loadKernel(wasm),
      given,
      () => 0,
      (ran, step) => {
        if (step % 30 !== 0) return
        const { density, tracks, beached, counts } = ran.output()
        hash
          .update(density)
          .update(tracks)
          .update(beached)
          .update(Uint8Array.from(counts, (count) => count & 255))
      }
    )
    return { unit, hash: hex(hash.update(run.state()).digest()) }
  })
}

/** One hash over all. */
export function hashAll(wasm: Uint8Array): string {
  const all = sha256.create()
  for (const { hash } of hashUnits(wasm)) {
    all.update(Uint8Array.from(hash, (digit) => digit.charCodeAt(0)))
  }
  return hex(all.digest())
}
