/** Files are read once where land stays as in the first slice, and stored once however often. */
import assert from 'node:assert/strict'
import { ingestForcing } from '../../../node/forcing/ingest.ts'
import { type Block, toBlock } from '../../../protocol/canonical.ts'
import { HOLE } from '../../../protocol/forcing.ts'
import { fieldFile, HOUR, ingest, kernel, scratch, T0 } from './fixture.ts'

const HOLE_F32 = Math.fround(HOLE)

describe('reading and storing once', () => {
  const { write } = scratch()
  let made = 0
  const source = (u: (lon: number, lat: number, hour: number) => number) => {
    const file = fieldFile({ u, hours: [0, 6, 12, 18] })
    return [{ role: 'current' as const, files: [write(`once${made++}.nc`, file)] }]
  }
  /** Reads of slices by what they were for. */
  async function phasesOf(sources: ReturnType<typeof source>): Promise<Map<string, number>> {
    const phases = new Map<string, number>()
    await ingestForcing({
      ...{ sources, metric: 'wgs84', startSeconds: T0, endSeconds: T0 + 18 * HOUR },
      blocks: { put: async () => undefined },
      kernel: kernel(),
      onProgress: ({ phase }) => phases.set(phase, (phases.get(phase) ?? 0) + 1)
    })
    return phases
  }

  it('reads each slice once, and the first twice, where land stays', async () => {
    const phases = await phasesOf(source((lon) => (lon === 4 ? Number.NaN : 0.5)))
    assert.deepEqual(Object.fromEntries(phases), {
      'looking for land in current': 1,
      'reading current': 4
    })
  })

  it('looks at all slices where a later one has values on the land of the first', async () => {
    const sources = source((lon, lat, hour) =>
      lon === 4 || (lon === 2 && lat === 41 && hour === 0) ? Number.NaN : 0.5
    )
    const { field, land, notes } = await ingest(sources, 0, 18)
    assert.deepEqual([...land.subarray(0, 10)], [0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    assert.equal(field('current', 'u', 0, 1, 2), HOLE_F32)
    assert.equal(field('current', 'u', 1, 1, 2), 0.5)
    assert.ok(notes.some((note) => note.startsWith('1 sea nodes lack current')))
    const phases = await phasesOf(sources)
    // The first, all, and the two of the first try until it failed.
    assert.equal(phases.get('looking for land in current'), 5)
    assert.ok((phases.get('reading current') ?? 0) <= 6)
  })

  it('a series that starts without any value is read like another', async () => {
    const { field, land } = await ingest(
      source((lon, _lat, hour) => (hour === 0 || lon === 4 ? Number.NaN : 0.5)),
      0,
      18
    )
    assert.deepEqual([...land.subarray(0, 5)], [0, 0, 0, 0, 1])
    assert.equal(field('current', 'u', 0, 0, 0), HOLE_F32)
    assert.equal(field('current', 'u', 1, 0, 0), 0.5)
  })

  it('goes on with what a cut-off ingest stored; a repeated one stores nothing', async () => {
    const sources = source((lon, lat, hour) => (lon * lat + hour) / 1000)
    const stored = new Map<string, Uint8Array>()
    const request = {
      sources,
      metric: 'wgs84' as const,
      startSeconds: T0,
      endSeconds: T0 + 18 * HOUR
    }
    const run = async (putsMax: number) => {
      let puts = 0
      const added: string[] = []
      const put = async ({ cid, bytes }: Block): Promise<void> => {
        puts += 1
        if (puts > putsMax) throw new Error('killed')
        if (!stored.has(cid.toString())) added.push(cid.toString())
        stored.set(cid.toString(), bytes)
      }
      const whole = await ingestForcing({ ...request, blocks: { put }, kernel: kernel() }).catch(
        (error: Error) => error
      )
      return { whole, added }
    }
    const cut = await run(5)
    assert.match(String(cut.whole), /killed/)
    assert.ok(cut.added.length > 0)
    const second = await run(Infinity)
    assert.ok(!(second.whole instanceof Error))
    for (const cid of cut.added) assert.ok(!second.added.includes(cid))
    const third = await run(Infinity)
    assert.ok(!(third.whole instanceof Error))
    assert.deepEqual(third.added, [])
    assert.deepEqual(toBlock(third.whole.forcing).cid, second.whole.cid)
  })
})
