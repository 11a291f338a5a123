/**
 * Beaching products against a direct count over particles: stranded, arrived, reached cells and
 * who came from where; hot spots by their rule.
 */
import { strict as assert } from 'node:assert'
import { gunzipSync } from 'fflate'
import { outputCount } from '../../../coordinator/product/timeline.ts'
import { readFolderFile } from '../../../node/forecast/product/folder/folder.ts'
import { largest } from '../../../node/forecast/product/formats/hotspots.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { STATUSES } from '../../../protocol/result.ts'
import { assembleWorld, buildWorld } from './assembled.ts'
import { COASTAL_CELLS, COUNTRIES, coastPlace, countryOf } from './coast.ts'
import { beachOf, classOf, originOf, placeOf } from './world.ts'

const OPTIONS = { particles: 60, cuts: [7, 20], windowSteps: 10, originStarts: [25, 50] }

/** Stranded particles of a member in a cell and class at an output time. */
function strandedAt(plan: Plan, member: number, time: number): number[] {
  const stranded: number[] = []
  for (let particle = 0; particle < plan.particleCount; particle += 1) {
    const { status } = placeOf(particle, member, time * plan.outputEverySteps)
    if (STATUSES[status] === 'stranded') stranded.push(particle)
  }
  return stranded
}

/** Stranded counts [class][time][cell] of one member, and its pairs at the end. */
function memberCounts(plan: Plan, member: number) {
  const times = outputCount(plan)
  const classes = plan.classes.length
  const counts = new Float64Array(classes * times * COASTAL_CELLS)
  const pairs = new Float64Array((plan.originStarts.length + 1) * COASTAL_CELLS)
  for (let time = 0; time < times; time += 1) {
    for (const particle of strandedAt(plan, member, time)) {
      const cell = beachOf(particle, member)
      const at = (classOf(particle, classes) * times + time) * COASTAL_CELLS + cell
      counts[at] = (counts[at] ?? 0) + 1
      const pair = originOf(plan, particle) * COASTAL_CELLS + cell
      if (time === times - 1) pairs[pair] = (pairs[pair] ?? 0) + 1
    }
  }
  return { counts, pairs }
}

/** Rises of counts [class][time][cell], summed from the first time on. */
function arrivals(counts: Float64Array, times: number): Float64Array {
  const arrived = new Float64Array(counts.length)
  for (const [at, count] of counts.entries()) {
    const isFirst = Math.floor(at / COASTAL_CELLS) % times === 0
    const before = isFirst ? 0 : (counts[at - COASTAL_CELLS] ?? 0)
    const sum = isFirst ? 0 : (arrived[at - COASTAL_CELLS] ?? 0)
    arrived[at] = sum + Math.max(0, count - before)
  }
  return arrived
}

function direct(plan: Plan) {
  const share = 1 / plan.memberCount
  const members = Array.from({ length: plan.memberCount }, (_, member) => {
    const { counts, pairs } = memberCounts(plan, member)
    const reached = Float64Array.from({ length: COASTAL_CELLS }, (_, cell) =>
      counts.some((count, at) => count > 0 && at % COASTAL_CELLS === cell) ? 1 : 0
    )
    return { stranded: counts, arrived: arrivals(counts, outputCount(plan)), reached, pairs }
  })
  const mean = (name: 'stranded' | 'arrived' | 'reached' | 'pairs'): Float64Array => {
    const [first] = members
    assert.ok(first)
    return first[name].map((_, at) =>
      members.reduce((sum, member) => sum + (member[name][at] ?? 0) * share, 0)
    )
  }
  return {
    stranded: mean('stranded'),
    arrived: mean('arrived'),
    reached: mean('reached'),
    connectivity: mean('pairs')
  }
}

describe('beaching products', () => {
  const world = buildWorld(OPTIONS)
  const { plan } = world
  const assembled = assembleWorld(world)
  const read = async (path: string): Promise<ArrayBuffer> => {
    const { assembled: made, blocks } = await assembled
    return gunzipSync(await readFolderFile(made.product, `beaching.zarr/${path}`, blocks)).buffer
  }
  const floats = async (path: string) => [...new Float32Array(await read(path))]
  const rounded = (values: Iterable<number>): number[] => Array.from(values, Math.fround)

  it('count stranded and arrived particles per class, time and coastal cell', async () => {
    const expected = direct(plan)
    for (const name of ['stranded', 'arrived'] as const) {
      const found = [
        ...(await floats(`${name}_count/0/0/0`)),
        ...(await floats(`${name}_count/1/0/0`))
      ]
      assert.deepEqual(found, rounded(expected[name]), name)
      assert.ok(
        found.some((count) => count > 0),
        name
      )
    }
  })

  it('say how likely a cell is reached and who came from where', async () => {
    const expected = direct(plan)
    assert.deepEqual(await floats('beaching_probability/0'), rounded(expected.reached))
    assert.deepEqual(await floats('connectivity/0/0'), rounded(expected.connectivity))
    assert.ok(expected.connectivity.some((count) => count > 0))
    assert.deepEqual([...new Float64Array(await read('first_particle/0'))], [0, 25, 50])
  })

  it('name place, length and country of each cell', async () => {
    const cells = Array.from({ length: COASTAL_CELLS }, (_, cell) => cell)
    assert.deepEqual(
      [...new Float64Array(await read('lon/0'))],
      cells.map((cell) => coastPlace(cell).lon)
    )
    assert.deepEqual(
      [...new Float64Array(await read('lat/0'))],
      cells.map((cell) => coastPlace(cell).lat)
    )
    assert.deepEqual(
      await floats('coast_length/0'),
      cells.map((cell) => 1000 + cell)
    )
    const letters = new Uint32Array(await read('country/0'))
    const width = letters.length / COASTAL_CELLS
    const names = cells.map((cell) =>
      String.fromCodePoint(...letters.subarray(cell * width, (cell + 1) * width)).replaceAll(
        '\0',
        ''
      )
    )
    assert.deepEqual(
      names,
      cells.map((cell) => COUNTRIES[countryOf(cell) - 1]?.name ?? '')
    )
  })

  it('do not depend on how particles and times were cut', async () => {
    const other = await assembleWorld(buildWorld({ ...OPTIONS, cuts: [30], windowSteps: 24 }))
    assert.equal(other.assembled.product.toString(), (await assembled).assembled.product.toString())
  })

  it('rank hot spots of both kinds', async () => {
    const { assembled: made, blocks } = await assembled
    const bytes = await readFolderFile(made.product, 'hotspots.geojson', blocks)
    const { features } = JSON.parse(new TextDecoder().decode(bytes))
    const ofKind = (kind: string) =>
      features.filter(
        (feature: { properties: { kind: string } }) => feature.properties.kind === kind
      )
    const beaches = ofKind('beaching')
    const { stranded } = direct(plan)
    const times = outputCount(plan)
    const ending = Array.from({ length: COASTAL_CELLS }, (_, cell) =>
      plan.classes.reduce((sum, _name, classIndex) => {
        return sum + (stranded[((classIndex + 1) * times - 1) * COASTAL_CELLS + cell] ?? 0)
      }, 0)
    )
    const best = Math.max(...ending)
    assert.equal(beaches[0].properties.value, best)
    assert.equal(beaches[0].properties.coastal_cell, ending.indexOf(best))
    const place = coastPlace(ending.indexOf(best))
    assert.deepEqual(beaches[0].geometry.coordinates, [place.lon, place.lat])
    const dense = ofKind('density').map(
      (feature: { properties: { value: number } }) => feature.properties.value
    )
    assert.ok(dense.length > 3)
    assert.deepEqual(
      dense,
      [...dense].sort((left: number, right: number) => right - left)
    )
  })

  it('are absent where the forcing knows no coast', async () => {
    const { assembled: made } = await assembleWorld(buildWorld({ isCoastless: true }))
    assert.ok(![...made.files.keys()].some((path) => path.startsWith('beaching.zarr')))
  })
})

describe('hot spots', () => {
  it('are the largest, of equal ones the lower index first', () => {
    const indexes = (values: number[], most: number) =>
      largest(values, most).map(({ index }) => index)
    assert.deepEqual(indexes([0, 3, 5, 3, 5, 1], 3), [2, 4, 1])
    assert.deepEqual(indexes([0, 0], 3), [])
    assert.deepEqual(indexes([1, 2, 3], 9), [2, 1, 0])
  })
})
