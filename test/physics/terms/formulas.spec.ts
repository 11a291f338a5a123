/**
 * The module's own formulas against published values: Stokes drift at depth, mixing by the wind,
 * rise of plastic, viscosity of sea water.
 */
import assert from 'node:assert/strict'
import { loadKernel } from '../../../kernel/kernel.ts'
import { builtInKernel } from '../../../node/worker/kernel-file.ts'

const kernel = loadKernel(builtInKernel().bytes)
const close = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected}`)

describe('physics: formulas of waves and rise', () => {
  // us0 = 0.1 m/s, Tp = 8 s (PHYSICS §3, Breivik et al. 2016).
  for (const [depth, speed] of [
    [1, 0.04946305],
    [5, 0.0164842],
    [20, 0.00108357]
  ] as const) {
    it(`Stokes drift at ${depth} m`, () => {
      close(0.1 * kernel.stokesShare(depth, 8), speed, 1e-8)
    })
  }

  it('Stokes drift is whole at the surface and falls with depth, to nothing', () => {
    assert.equal(kernel.stokesShare(0, 8), 1)
    let before = 1
    for (let depth = 1e-6; depth < 5000; depth *= 1.3) {
      const share = kernel.stokesShare(depth, 8)
      assert.ok(share >= 0 && share <= before, `${depth} m: ${share} after ${before}`)
      before = share
    }
    assert.ok(before < 1e-100)
  })

  it('the joint of the series and the fraction of erfc leaves no step', () => {
    // √q = 2 at z = 2 g/(2π/T)².
    const depth = (2 * 9.81) / ((2 * Math.PI) / 8) ** 2
    const below = kernel.stokesShare(depth * (1 - 1e-9), 8)
    const above = kernel.stokesShare(depth * (1 + 1e-9), 8)
    close(below / above, 1, 1e-6)
  })

  it('wind of 10 m/s mixes what rises at 1 cm/s over 1.742 m (Kukulka et al. 2012)', () => {
    close(kernel.mixingDepth(10, 0.01), 1.742, 5e-4)
    assert.equal(kernel.mixingDepth(0, 0.01), 0)
    close(kernel.mixingDepth(10, 0.02), 0.871, 3e-4)
  })

  it('a sea grown under 10 m/s has a peak period of 8.54 s (Pierson & Moskowitz 1964)', () => {
    close(kernel.periodOfWind(10), 8.545, 0.005)
  })

  const water = { temperature: 15, salinity: 35, density: 1026 }
  const sphere = { diameter: 1e-3, density: 920 }

  it('1 mm of 920 kg/m³ rises at 20.3 mm/s (Dietrich 1982, Sharqawy et al. 2010)', () => {
    close(kernel.riseVelocity(sphere, water), 0.0203, 1e-4)
    close(kernel.riseVelocity(sphere, water, 0.156), 0.02028948, 1e-8)
    assert.equal(kernel.riseVelocity({ ...sphere, density: 1026 }, water), 0)
    assert.equal(kernel.riseVelocity({ ...sphere, density: 1100 }, water), 0)
  })

  it('the curve of rise: both joints', () => {
    // Published branches: they meet within 15 % of W*, 5 % of speed, at D* = 0.05.
    const stokes = kernel.speedOfSize(0.05 * (1 - 1e-12))
    close(stokes, 1.71e-4 * 0.05 ** 2, 1e-18)
    const fitted = kernel.speedOfSize(0.05)
    close(Math.cbrt(stokes / fitted), 1, 0.05)
    // Constant drag carries on where the fit ends, without a step.
    const below = kernel.speedOfSize(5e9)
    close(kernel.speedOfSize(5e9 * (1 + 1e-9)) / below, 1, 1e-8)
    close(kernel.speedOfSize(2e10) / below, 2, 1e-12)
  })

  it('larger and lighter spheres rise faster, from dust to buoys', () => {
    let before = 0
    for (let diameter = 1e-4; diameter < 1; diameter *= 1.25) {
      const speed = kernel.riseVelocity({ diameter, density: 920 }, water)
      assert.ok(speed > before && speed < 5, `${diameter} m: ${speed} after ${before}`)
      before = speed
    }
    assert.ok(
      kernel.riseVelocity({ ...sphere, density: 50 }, water) > kernel.riseVelocity(sphere, water)
    )
  })
})
