/**
 * Which sets of a folder make a forecast together. A folder may hold several sets of a role; the
 * ones that together cover the longest time are taken.
 */
import { boxOf, cellDegrees, columnsOf, type Grid, rowsOf } from '../meaning/grid.ts'
import { isoTime } from '../meaning/time-axis.ts'
import type { ForcingRole } from '../source.ts'
import type { FileSet } from './sets.ts'

/** What a forecast is made from. */
export interface Choice {
  readonly current: FileSet
  readonly wind?: FileSet
  readonly stokes?: FileSet
  /** Time that all chosen sets cover. */
  readonly firstSeconds: number
  readonly lastSeconds: number
  readonly notes: readonly string[]
}

/** A forecast shorter than this is not worth making; a set that leaves less is left out. */
const COMMON_SECONDS_MIN = 3 * 3600
const RULE =
  'with wind, then longest common time up to the wanted days, then finer grid, then more times'

/**
 * The best combination by {@link RULE}. Wind and Stokes drift join when they leave enough time and
 * share sea with the current.
 */
export function chooseSets(sets: readonly FileSet[], wantedSeconds: number): Choice | undefined {
  const of = (role: ForcingRole): FileSet[] => sets.filter((set) => set.role === role)
  const choices = of('current').flatMap((current) => {
    const winds: (FileSet | undefined)[] = [...of('wind'), undefined]
    return winds.map((wind) => combine(current, wind)).filter((choice) => choice !== undefined)
  })
  choices.sort((a, b) => compare(a, b, wantedSeconds))
  const [best] = choices
  if (best === undefined) return undefined
  const waves = of('stokes')
    .map((stokes) => combine(best.current, best.wind, stokes))
    .filter((choice) => choice !== undefined)
    .sort((a, b) => compare(a, b, wantedSeconds))[0]
  const chosen = waves !== undefined && isAsLong(waves, best, wantedSeconds) ? waves : best
  return { ...chosen, notes: tell(chosen, sets) }
}

/**
 * Where every set of a folder is one instant, as extracts often are, they are held from the latest
 * of them on: still a first look at where things drift.
 */
export function chooseHeld(sets: readonly FileSet[], wantedSeconds: number): Choice | undefined {
  if (sets.some(({ timeCount }) => timeCount > 1)) return undefined
  const start = Math.max(...sets.map(({ firstSeconds }) => firstSeconds))
  const held = sets.map((set) => ({
    ...set,
    ...{ isHeld: true, firstSeconds: start, lastSeconds: start + wantedSeconds }
  }))
  const choice = chooseSets(held, wantedSeconds)
  if (choice === undefined) return undefined
  const note = 'every set is one instant: each is held for the whole forecast (persist)'
  return { ...choice, notes: [note, ...tell(choice, held)] }
}

type Combination = Omit<Choice, 'notes'>

const lengthOf = ({ firstSeconds, lastSeconds }: Combination): number => lastSeconds - firstSeconds

function combine(
  current: FileSet,
  wind: FileSet | undefined,
  stokes?: FileSet
): Combination | undefined {
  const others = [wind, stokes].filter((set) => set !== undefined)
  if (others.some((set) => !isTouching(set.grid, current.grid))) return undefined
  const all = [current, ...others]
  const choice = {
    current,
    ...(wind === undefined ? {} : { wind }),
    ...(stokes === undefined ? {} : { stokes }),
    firstSeconds: Math.max(...all.map((set) => set.firstSeconds)),
    lastSeconds: Math.min(...all.map((set) => set.lastSeconds))
  }
  return lengthOf(choice) >= COMMON_SECONDS_MIN ? choice : undefined
}

const isAsLong = (a: Combination, b: Combination, wanted: number): boolean =>
  Math.min(wanted, lengthOf(a)) >= Math.min(wanted, lengthOf(b))

function compare(a: Combination, b: Combination, wanted: number): number {
  const cell = ({ grid }: FileSet): number => cellDegrees(grid)
  return (
    Number(b.wind !== undefined) - Number(a.wind !== undefined) ||
    Math.min(wanted, lengthOf(b)) - Math.min(wanted, lengthOf(a)) ||
    cell(a.current) - cell(b.current) ||
    b.current.timeCount - a.current.timeCount ||
    (a.wind === undefined || b.wind === undefined ? 0 : cell(a.wind) - cell(b.wind)) ||
    b.firstSeconds - a.firstSeconds
  )
}

/** Do the boxes of two grids overlap, in any convention of longitude? */
function isTouching(a: Grid, b: Grid): boolean {
  const [p, q] = [boxOf(a), boxOf(b)]
  const isMeeting = [-360, 0, 360].some(
    (shift) => p.west + shift <= q.east && p.east + shift >= q.west
  )
  const isAround = isMeeting || a.isPeriodic || b.isPeriodic
  return isAround && p.south <= q.north && p.north >= q.south
}

/** Which sets were there and which were taken. */
function tell(choice: Combination, sets: readonly FileSet[]): string[] {
  return (['current', 'wind', 'stokes'] as const).flatMap((role) => {
    const all = sets.filter((set) => set.role === role)
    const taken = choice[role]
    if (all.length === 0) return [`no ${role === 'stokes' ? 'Stokes drift' : role} in the folder`]
    if (taken === undefined) {
      return [`${role} left out: ${all.map(nameOf).join('; ')} shares too little time or sea`]
    }
    if (all.length === 1) return [`${role}: ${nameOf(taken)}`]
    const left = all.filter((set) => set !== taken).map(nameOf)
    return [`${role}: ${nameOf(taken)} chosen (${RULE}) over ${left.join('; ')}`]
  })
}

function nameOf({ files, firstSeconds, lastSeconds, grid }: FileSet): string {
  const more = files.length > 1 ? ` and ${files.length - 1} more` : ''
  const nodes = `${columnsOf(grid)} x ${rowsOf(grid)} nodes`
  return `${files[0]}${more} (${nodes}, ${isoTime(firstSeconds)} to ${isoTime(lastSeconds)})`
}
