/**
 * One step of all particles afloat by the general path: displacement by motion.ts, then the same
 * rounding, residuals and fates as the fast path (advect.ts), one particle at a time.
 */
import * as active from './active'
import { AT_ROW, AT_Y } from './active'
import * as coast from './coast'
import * as fields from './fields'
import {
  FAULT_NONE, FAULT_SPEED, FRACTION_BITS, HALO, MISSING, QUANTA, STRANDED
} from './layout'
import * as grid from './grid'
import * as motion from './motion'
import * as particles from './particles'

/** Above this a displacement comes from a hole: 10⁶ cells in a step is no ocean. */
const HOLE_QUANTA: f32 = 1e12
const REST_UNITS: f32 = 256.0
const REST_MAX: i32 = 127

/** Packs the record of a half step where particles can read it. */
export function packRecord(half: i32): void {
  if (particles.x0 > particles.x1) return
  const lastColumn = grid.cropColumns + 2 * HALO - 1
  const x0 = grid.isRing ? 0 : max(0, particles.x0 - 1 + HALO)
  const x1 = grid.isRing ? lastColumn : min(lastColumn, particles.x1 + 2 + HALO)
  const y0 = max(0, particles.y0 - 1 + HALO)
  const y1 = min(grid.paddedRows - 1, particles.y1 + 2 + HALO)
  fields.packBox(half, x0, y0, x1, y1)
}

let quanta: i32 = 0
let left: i32 = 0

/** Nearest whole quanta of displacement and residual, and what is left of them in 1/256. */
function round(displacement: f32, rest: i32): void {
  const wanted = displacement + <f32>rest / REST_UNITS
  const whole = nearest<f32>(wanted)
  const part = <i32>nearest<f32>((wanted - whole) * REST_UNITS)
  const carry = i32(part > REST_MAX)
  quanta = <i32>whole + carry
  left = part - (carry << 8)
}

function end(place: i32, status: u8): void {
  particles.storePlace(place, status)
  if (status == STRANDED) particles.noteBeached(load<i32>(active.placeOf(place), AT_ROW))
  active.remove(place)
}

/** Moves one place; returns the fault. */
function move(place: i32, step: i32): i32 {
  const at = active.placeOf(place)
  const row = load<i32>(at, AT_ROW)
  const id = particles.firstParticle + <u32>row
  const x = load<i32>(at)
  const y = load<i32>(at, AT_Y)
  motion.displace(particles.rowAt(row), id, step, x, y)
  if (!(motion.peak <= <f32>QUANTA)) {
    if (motion.peak <= HOLE_QUANTA) return particles.fail(FAULT_SPEED, row)
    end(place, MISSING)
    return FAULT_NONE
  }
  const rest = active.restOf(place)
  round(motion.dx, <i32>load<i8>(rest))
  const stepX = quanta
  const leftX = left
  round(motion.dy, <i32>load<i8>(rest, 4))
  let newX = x + stepX
  if (grid.isRing) {
    const ring = grid.cropColumns << FRACTION_BITS
    if (newX < 0) newX += ring
    else if (newX >= ring) newX -= ring
  }
  const fate = coast.fate(id, step, x, y, newX, y + quanta, stepX, quanta)
  if (fate < coast.AT_SEA) return particles.fail(-fate - 1, row)
  store<i32>(at, coast.outX)
  store<i32>(at, coast.outY, AT_Y)
  if (!coast.isUndoneX) store<i8>(rest, <i8>leftX)
  if (!coast.isUndoneY) store<i8>(rest, <i8>left, 4)
  if (fate != coast.AT_SEA) end(place, <u8>fate)
  return FAULT_NONE
}

/** One step of all particles afloat; those that are no longer leave the list. */
export function advance(step: i32): i32 {
  for (let place = active.count - 1; place >= 0; place--) {
    const code = move(place, step)
    if (code != FAULT_NONE) return code
  }
  fields.rotate()
  particles.updateBox()
  return FAULT_NONE
}
