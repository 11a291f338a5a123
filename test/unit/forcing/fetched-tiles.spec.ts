/**
 * What a unit fetches of its forcing: the tiles that its particles can reach, at the times of its
 * window, and the lists that name them. `npm run tile-fetch` measures a global grid.
 */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { openMemoryBlocks } from '../../../node/store/memory-blocks.ts'
import { gatherInputs } from '../../../node/worker/unit-inputs.ts'
import { decode } from '../../../protocol/canonical.ts'
import { tilePatch, tilePlane } from '../../../protocol/forcing.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import { buildState, buildUnit } from '../../fixtures/build-forcing.ts'
import { blockOf, tilesOf } from '../../fixtures/forcing-content.ts'
import { stateOf } from '../../physics/sea.ts'
import { fieldFile, HOUR, ingest, scratch, T0 } from './fixture.ts'

/** 11 x 10 tiles of 64 nodes: two patches each way. */
const COLUMNS = 700
const ROWS = 600

describe('tiles a unit fetches', () => {
  const { write } = scratch()
  let forcing: Awaited<ReturnType<typeof ingest>>
  before(async function () {
    this.timeout(120_000)
    const range = (count: number) => Array.from({ length: count }, (_, i) => i / 20)
    const field = fieldFile({
      longitudes: range(COLUMNS),
      latitudes: range(ROWS),
      hours: [0, 6, 12, 18],
      u: (lon, lat, hour) => 0.1 * Math.sin(lon + hour) + lat / 1000,
      v: (lon, lat) => 0.1 * Math.cos(lon * lat)
    })
    const files = [write('wide.nc', field)]
    forcing = await ingest([{ role: 'current', files }], 0, 18)
  })

  /** CIDs of the forcing that a unit fetches, in full. */
  async function fetchedBy(change: Partial<WorkUnit>): Promise<Set<string>> {
    const own = openMemoryBlocks()
    const particle = { x: 4, y: 4, windage: 0, releaseStep: 0, classIndex: 0 }
    const state = await buildState(stateOf([particle]), 0, own)
    const crop = { column: 0, row: 0, columns: 40, rows: 40 }
    const unit = buildUnit({
      ...{ forcing: forcing.cid, state, crop, startSeconds: T0, stepCount: 36 },
      ...change
    })
    const fetched = new Set<string>()
    const inputs = await gatherInputs(unit, async (cid: CID) => {
      const found = forcing.store.bytes.get(cid.toString())
      if (found === undefined) return own.get(cid)
      fetched.add(cid.toString())
      return found
    })
    for await (const _ of inputs.slices());
    return fetched
  }

  /** Tiles of a plane at these tile rows and columns, as text. */
  const tilesAt = (plane: CID, at: readonly (readonly [row: number, column: number])[]): string[] =>
    at.map(([row, column]) =>
      String(tilesOf(forcing.store.bytes, forcing.forcing, plane)[row * 11 + column])
    )

  it('are those around its crop, and one patch of each plane', async () => {
    const fetched = await fetchedBy({ crop: { column: 70, row: 140, columns: 40, rows: 40 } })
    const { land, metric, coast } = forcing.forcing
    const { planes } = forcing.series('current')
    assert.equal(planes.length, 4, 'a tile of this field holds one time: they are six hours apart')
    const wanted = new Set<string>()
    // From 00:00 on for six hours: the slices of 00:00 and 06:00.
    for (const plane of [land, metric, planes[0], planes[1]]) {
      if (plane === undefined) continue
      for (const tile of tilesAt(plane, [[2, 1]])) wanted.add(tile)
      wanted.add(plane.toString())
      const [patch] = decode(tilePlane, blockOf(forcing.store.bytes, plane)).patches
      assert.equal(decode(tilePatch, blockOf(forcing.store.bytes, patch)).tiles.length, 64)
      wanted.add(String(patch))
    }
    wanted.add(forcing.cid.toString())
    wanted.add(String(forcing.forcing.current))
    assert.ok(coast !== undefined)
    const of = (plane: CID | undefined) =>
      plane === undefined ? [] : tilesOf(forcing.store.bytes, forcing.forcing, plane).map(String)
    const others = [...fetched].filter((cid) => !wanted.has(cid))
    for (const cid of wanted) assert.ok(fetched.has(cid), cid)
    const coastal = new Set([...of(coast.distance), ...of(coast.cell)])
    assert.ok(others.length <= 6, `${others.length} more blocks`)
    assert.ok(others.filter((cid) => coastal.has(cid)).length <= 2)
  })

  it('are four, of as many patches, at the corner of four patches', async () => {
    const fetched = await fetchedBy({ crop: { column: 492, row: 492, columns: 40, rows: 40 } })
    const [plane] = forcing.series('current').planes
    assert.ok(plane !== undefined)
    const corner = tilesAt(plane, [
      [7, 7],
      [7, 8],
      [8, 7],
      [8, 8]
    ])
    const all = tilesOf(forcing.store.bytes, forcing.forcing, plane).map(String)
    assert.deepEqual(new Set(all.filter((tile) => fetched.has(tile))), new Set(corner))
    const { patches } = decode(tilePlane, blockOf(forcing.store.bytes, plane))
    assert.ok(patches.every((patch) => fetched.has(String(patch))))
  })

  it('are of the times of its window', async () => {
    const crop = { column: 70, row: 140, columns: 40, rows: 40 }
    const late = await fetchedBy({ crop, startSeconds: T0 + 12 * HOUR })
    const { planes } = forcing.series('current')
    const used = planes.map((plane) => late.has(String(plane)))
    assert.deepEqual(used, [false, false, true, true])
  })

  it('are a small part of all', async () => {
    const fetched = await fetchedBy({ crop: { column: 70, row: 140, columns: 40, rows: 40 } })
    const size = (cids: Iterable<string>): number =>
      [...cids].reduce((sum, cid) => sum + (forcing.store.bytes.get(cid)?.length ?? 0), 0)
    const share = size(fetched) / size(forcing.store.bytes.keys())
    assert.ok(share < 0.02, `${share}`)
  })
})
