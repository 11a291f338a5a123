/** Gaps and ends in time: interpolated, refused or held, as the forecast says. */
import assert from 'node:assert/strict'
import { timesBy } from '../../../node/forcing/sets/time-rule.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { fieldFile, HOUR, ingest, scratch, T0 } from './fixture.ts'

const hours = (stands: readonly { seconds: number; index: number }[]): string =>
  stands.map(({ seconds, index }) => `${seconds / HOUR}:${index}`).join(' ')
const at = (...list: number[]): number[] => list.map((hour) => hour * HOUR)

describe('gaps in time', () => {
  const folder = scratch()
  const source = (list: readonly number[], rule: object = {}) => ({
    role: 'current' as const,
    files: [
      folder.write(
        `hours-${list.join('-')}.nc`,
        fieldFile({ hours: list, u: (_lon, _lat, hour) => hour / 100 })
      )
    ],
    ...rule
  })

  it('one missing slice is interpolated and told, more are refused', async () => {
    const { notes, field } = await ingest([source([0, 1, 3, 4])], 0, 4)
    assert.ok(
      notes.some((note) => /no slice for 2 hours after 2020-01-01T01.*interpolated/.test(note))
    )
    assert.equal(field('current', 'u', 2, 0, 0), Math.fround(0.03))
    await assert.rejects(ingest([source([0, 1, 2, 6, 7])], 0, 7), (error) => {
      assert.ok(isMeshError(error, 'forcing/no-overlap'))
      assert.match(error.message, /no slice from 2020-01-01T02.* to 2020-01-01T06.*maxGap: PT4H/)
      return true
    })
  })

  it('a gap outside the forecast is nothing to it', async () => {
    const { notes } = await ingest([source([0, 1, 2, 9, 10])], 0, 2)
    assert.ok(!notes.some((note) => note.includes('no slice')), notes.join('\n'))
  })

  it('a stated gap is interpolated', async () => {
    const wide = { maxGapSeconds: 4 * HOUR }
    const { stands, gaps, notes } = timesBy('wind', at(0, 1, 2, 6, 7), wide, [0, 7 * HOUR])
    assert.equal(hours(stands), '0:0 1:1 2:2 6:3 7:4')
    assert.deepEqual(gaps, [])
    assert.match(notes.join(), /wind: no slice for 4 hours .* interpolated across/)
  })

  it('persist holds the slice until a usual step before the next, and at both ends', () => {
    const rule = { persistSeconds: 3 * HOUR }
    const { stands, gaps, notes } = timesBy('wind', at(2, 3, 4, 8), rule, [0, 10 * HOUR])
    assert.equal(hours(stands), '0:0 2:0 3:1 4:2 7:2 8:3 10:3')
    assert.deepEqual(gaps, [])
    assert.equal(notes.filter((note) => note.includes('held')).length, 3)
    const short = timesBy('wind', at(2, 3, 4, 8), { persistSeconds: 2 * HOUR }, [0, 10 * HOUR])
    assert.deepEqual(short.gaps, [3], 'a gap longer than may be held stays open')
  })

  it('a lone slice is held where asked, else the forecast is refused', async () => {
    await assert.rejects(ingest([source([5])], 3, 9), /persist: PT4H on its forcing entry/)
    const { field } = await ingest([source([5], { persistSeconds: 4 * HOUR })], 3, 9)
    for (const time of [0, 1, 2]) {
      assert.equal(field('current', 'u', time, 1, 1), Math.fround(0.05), `time ${time}`)
    }
    assert.equal(T0 % HOUR, 0)
  })
})
