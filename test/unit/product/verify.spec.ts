/**
 * What a reader accepts: honest forecasts of every standing, with and without gaps, and what it is
 * told was checked.
 */
import { strict as assert } from 'node:assert'
import { buildForecastFolder } from '../../../node/forecast/product/evidence/manifest.ts'
import { readFolderFile } from '../../../node/forecast/product/folder/folder.ts'
import { isMeshError, MeshError } from '../../../node/mesh-error.ts'
import { publicKeyOf } from '../../../protocol/signed.ts'
import { buildWorld } from './assembled.ts'
import {
  COORDINATORS,
  type Forgery,
  isMismatch,
  OPERATORS,
  publishWorld,
  signWorld,
  verifyWorld
} from './signed-world.ts'

const world = buildWorld({ cuts: [15], windowSteps: 12, particles: 30 })
const slotNames = world.slots.map(({ member, block, window }) => `${member}/${block}/${window}`)
const published = (forgery: Forgery = {}) => publishWorld(world, forgery)

const keyHex = (secretKey: Uint8Array): string =>
  Buffer.from(publicKeyOf(secretKey)).toString('hex')

describe('verify', () => {
  it('accepts an honest forecast and says what it checked', async () => {
    const { blocks, body, forecast, standing } = await published()
    const phases = new Set<string>()
    const report = await verifyWorld(world, forecast, blocks, {
      onProgress: ({ phase }) => phases.add(phase)
    })
    assert.equal(standing, 'verified')
    assert.deepEqual(
      { ...report, seconds: 0, files: 0, reexecuted: [...report.reexecuted].sort() },
      {
        forecast: forecast.toString(),
        product: body.product.toString(),
        plan: body.plan.toString(),
        units: 8,
        reexecuted: [...slotNames].sort(),
        operators: OPERATORS.slice(0, 2).map(keyHex).sort(),
        coordinators: COORDINATORS.map(keyHex).sort(),
        signatures: 1 + 2 + 8 * 8,
        singleSource: false,
        gaps: [],
        files: 0,
        seconds: 0
      }
    )
    assert.ok(report.files > 30)
    assert.deepEqual([...phases].sort(), ['files', 'product', 'reexecution', 'signatures', 'units'])
  })

  it('has the same forecast CID for the same signed inputs in any order', async () => {
    const signed = await signWorld(world)
    const one = await buildForecastFolder(signed)
    const other = await buildForecastFolder({
      ...signed,
      cosignatures: [...signed.cosignatures].reverse(),
      verdicts: [...signed.verdicts].reverse()
    })
    assert.ok(one.forecast.equals(other.forecast))
  })

  const standings: Record<string, [Forgery, 'verified' | 'single-source']> = {
    'two checked co-signatures': [{}, 'verified'],
    'one coordinator alone': [{ coordinatorCount: 1 }, 'single-source'],
    'one of two needed': [{ cosigners: COORDINATORS.slice(0, 1) }, 'single-source'],
    'two that checked nothing': [{ isUnchecked: true }, 'single-source'],
    'one where one is said to be enough': [
      { cosigners: COORDINATORS.slice(0, 1), signaturesNeeded: 1 },
      'single-source'
    ]
  }
  for (const [name, [forgery, expected]] of Object.entries(standings)) {
    it(`says ${expected} for ${name}`, async () => {
      const { blocks, forecast, standing } = await published(forgery)
      assert.equal(standing, expected)
      const json = JSON.parse(
        new TextDecoder().decode(await readFolderFile(forecast, 'forecast.json', blocks))
      )
      assert.equal(json.standing, expected)
      const report = await verifyWorld(world, forecast, blocks)
      assert.equal(report.singleSource, expected === 'single-source')
    })
  }

  it('names gaps and refuses slots that are neither settled nor gaps', async () => {
    const gaps = [{ member: 1, block: 1, window: 1 }]
    const { blocks, forecast } = await published({ gaps })
    assert.deepEqual((await verifyWorld(world, forecast, blocks)).gaps, ['1/1/1'])
    const unsaid = published({ gaps, body: (body) => ({ ...body, gaps: [] }) })
    await assert.rejects(unsaid, isMismatch(/unit 1\/1\/1 has no verdict/))
    const orphan = published({ gaps: [{ member: 1, block: 1, window: 0 }] })
    await assert.rejects(orphan, isMismatch(/unit 1\/1\/1 has a verdict though/))
  })

  it('runs what it is asked to run', async () => {
    const { blocks, forecast } = await published()
    const of = async (scope: Parameters<typeof verifyWorld>[3]) =>
      (await verifyWorld(world, forecast, blocks, scope)).reexecuted
    assert.deepEqual(await of({ scope: { kind: 'unit', id: '1/0/1' } }), ['1/0/1'])
    assert.equal((await of({ scope: { kind: 'sample', fraction: 0.25 } })).length, 2)
    assert.equal((await of({ scope: { kind: 'sample', fraction: 0 } })).length, 1)
    await assert.rejects(of({ scope: { kind: 'unit', id: '9/9/9' } }), (error) =>
      isMeshError(error, 'cli/usage')
    )
  })

  it('finds a result nobody can get again', async () => {
    const { blocks, forecast } = await published()
    const other = [...world.computed.values()][1]
    assert.ok(other)
    const compute = async () => other
    const scope = { kind: 'unit', id: '0/0/0' } as const
    await assert.rejects(
      verifyWorld(world, forecast, blocks, { compute, scope }),
      isMismatch(/unit 0\/0\/0 gives another result here: found bafy\w+, expected bafy/)
    )
    const faulty = () => Promise.reject(new MeshError('kernel/fault', 'out of fuel'))
    await assert.rejects(
      verifyWorld(world, forecast, blocks, { compute: faulty, scope }),
      isMismatch(/unit 0\/0\/0 cannot be run/)
    )
  })
})
