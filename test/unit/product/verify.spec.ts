/**
 * What a reader accepts and refuses: honest forecasts of every standing, and every way in which a
 * coordinator, volunteer or store could lie about one.
 */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import { readFolderFile } from '../../../node/forecast/product/folder.ts'
import { buildForecastFolder } from '../../../node/forecast/product/manifest.ts'
import { walkFolder, writeFolder } from '../../../node/forecast/product/unixfs.ts'
import type { FolderFile } from '../../../node/forecast/product/zarr.ts'
import { isMeshError, MeshError } from '../../../node/mesh-error.ts'
import { checkBlock } from '../../../node/store/block-check.ts'
import type { Blocks } from '../../../node/store/blocks.ts'
import { toRawBlock } from '../../../protocol/canonical.ts'
import type { Verdict } from '../../../protocol/message.ts'
import { publicKeyOf, signStatement } from '../../../protocol/signed.ts'
import { buildWorld } from './assembled.ts'
import {
  COORDINATORS,
  type Forgery,
  NETWORK,
  OPERATORS,
  ROOT,
  signWorld,
  verifyWorld,
  voter
} from './signed-world.ts'

const world = buildWorld({ cuts: [15], windowSteps: 12, particles: 30 })
const slotNames = world.slots.map(({ member, block, window }) => `${member}/${block}/${window}`)

const published = async (forgery: Forgery = {}) => {
  const signed = await signWorld(world, forgery)
  const folder = await buildForecastFolder(signed)
  return { ...signed, ...folder }
}

const isMismatch = (pattern: RegExp) => (error: unknown) => {
  assert.ok(isMeshError(error, 'verify/mismatch'), String(error))
  assert.match(error.message, pattern)
  return true
}

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
        signatures: 1 + 2 + 8 * 5,
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

const keyHex = (secretKey: Uint8Array): string =>
  Buffer.from(publicKeyOf(secretKey)).toString('hex')

describe('verify refuses forged signatures', () => {
  const first = (verdict: Verdict) => {
    const [one] = verdict.agreeing
    assert.ok(one)
    return one
  }
  const saidOf = ({ fuel, result, traceRoot, unit }: Verdict) => {
    const lease = new Uint8Array(32).fill(8)
    return { lease, unit, attempt: 1, result, traceRoot, fuel, salt: new Uint8Array(32) }
  }
  const forgeries: Record<string, [Forgery, RegExp]> = {
    'a verdict by no coordinator': [
      { verdictSigner: new Uint8Array(32).fill(66) },
      /no coordinator of the federation/
    ],
    'a cosignature by no coordinator': [
      { cosigners: [new Uint8Array(32).fill(66)] },
      /cosignature 0 is by \w+, no coordinator/
    ],
    'a coordinator that signs twice': [
      { cosigners: [COORDINATORS[0] ?? ROOT, COORDINATORS[0] ?? ROOT] },
      /twice/
    ],
    'no cosignature at all': [{ cosigners: [] }, /signed by no coordinator/],
    'one operator counted twice': [
      { verdict: (verdict) => ({ ...verdict, agreeing: [first(verdict), first(verdict)] }) },
      /counts one operator twice/
    ],
    'too few operators': [
      { verdict: (verdict) => ({ ...verdict, agreeing: [first(verdict)] }) },
      /has too few operators: found 1, expected 2/
    ],
    'a reveal of another result': [
      {
        verdict: (verdict) => {
          const result = toRawBlock(Uint8Array.of(4)).cid
          const agreeing = [first(verdict), voter({ ...saidOf(verdict), result }, 2)]
          return { ...verdict, agreeing }
        }
      },
      /has another result/
    ],
    'a reveal with other fuel': [
      {
        verdict: (verdict) => {
          const agreeing = [first(verdict), voter({ ...saidOf(verdict), fuel: 1 }, 2)]
          return { ...verdict, agreeing }
        }
      },
      /another trace or fuel/
    ],
    "another's reveal under an own name": [
      {
        verdict: (verdict) => {
          const { reveal } = first(verdict)
          const own = { ...voter(saidOf(verdict), 2), reveal }
          return { ...verdict, agreeing: [first(verdict), own] }
        }
      },
      /is by another than the verdict names/
    ],
    'a peer that binds itself to an operator': [
      {
        verdict: (verdict) => {
          const own = voter(saidOf(verdict), 2)
          const { operator, peer } = own
          const said = { kind: 'binding', operator, peer, expiresAtMs: 1 } as const
          const binding = signStatement('binding', NETWORK, said, new Uint8Array(32).fill(66))
          return { ...verdict, agreeing: [first(verdict), { ...own, binding }] }
        }
      },
      /is not bound to the operator/
    ],
    'a verdict on another unit': [
      {
        verdict: (verdict) => {
          const unit = toRawBlock(Uint8Array.of(5)).cid
          const said = { ...saidOf(verdict), unit }
          return { ...verdict, unit, agreeing: [voter(said, 0), voter(said, 1)] }
        }
      },
      /unit 0\/0\/0 has a verdict on another unit: found bafk\w+, expected bafy/
    ],
    'a product that the results do not give': [
      { body: (body) => ({ ...body, product: body.plan }) },
      /product is another than was signed/
    ]
  }
  for (const [name, [forgery, pattern]] of Object.entries(forgeries)) {
    it(name, async () => {
      const attempt = async () => {
        const { blocks, forecast } = await published(forgery)
        await verifyWorld(world, forecast, blocks)
      }
      await assert.rejects(attempt(), isMismatch(pattern))
    })
  }

  it('another root key', async () => {
    const { blocks, forecast } = await published({ root: new Uint8Array(32).fill(66) })
    await assert.rejects(
      verifyWorld(world, forecast, blocks),
      isMismatch(/federation is not signed by the root key/)
    )
  })

  it('any bit of a cosignature', async () => {
    const signed = await signWorld(world)
    const [one, two] = signed.cosignatures
    assert.ok(one && two)
    for (const at of [one.length - 1, one.length - 70, 20]) {
      const forged = Uint8Array.from(one)
      forged[at] = (forged[at] ?? 0) ^ 1
      const attempt = buildForecastFolder({ ...signed, cosignatures: [forged, two] })
      await assert.rejects(attempt, isMismatch(/cosignature 0/), `byte ${at}`)
    }
  })
})

describe('verify finds tampering', () => {
  /** A store in which one block has one bit flipped, and checks what it reads like every store. */
  const flipped = (blocks: Blocks, target: CID, position: number): Blocks => ({
    ...blocks,
    get: async (cid, options) => {
      const bytes = await blocks.get(cid, options)
      if (!cid.equals(target)) return bytes
      const forged = Uint8Array.from(bytes)
      const at = position % forged.length
      forged[at] = (forged[at] ?? 0) ^ (1 << (position % 8))
      checkBlock(cid, forged, 'test')
      return forged
    }
  })

  const filesOf = async (cid: CID, blocks: Blocks): Promise<FolderFile[]> => {
    const files: FolderFile[] = []
    for await (const file of walkFolder(cid, blocks)) {
      files.push({ path: file.path, bytes: await readFolderFile(cid, file.path, blocks) })
    }
    return files
  }

  it('of any byte of a stored block, naming file or unit', async () => {
    const { blocks, forecast } = await published()
    const files: { path: string; cid: CID }[] = []
    for await (const { cid, path } of walkFolder(forecast, blocks)) files.push({ path, cid })
    const results = world.slots.flatMap((slot) => {
      const made = [...world.computed.values()].find(({ cid }) => cid.equals(slot.result))
      const name = `unit ${slot.member}/${slot.block}/${slot.window}`
      return (made?.blocks ?? []).map(({ cid }) => ({ name, cid }))
    })
    const targets = [...files.map(({ cid, path }) => ({ name: path, cid })), ...results]
    const law = fc.asyncProperty(
      fc.constantFrom(...targets),
      fc.nat(1_000_000),
      async ({ cid }, position) => {
        const names = targets.filter((target) => target.cid.equals(cid)).map(({ name }) => name)
        const attempt = verifyWorld(world, forecast, flipped(blocks, cid, position))
        await assert.rejects(attempt, (error) => {
          assert.ok(isMeshError(error, 'verify/mismatch'), String(error))
          assert.ok(
            names.some((name) => error.message.startsWith(name)),
            `${error.message} names none of ${names.join(', ')}`
          )
          return true
        })
      }
    )
    await fc.assert(law, { numRuns: 40 })
  })

  it('of any byte of a folder that was given a new CID, naming the file', async () => {
    const { blocks, forecast } = await published()
    const files = await filesOf(forecast, blocks)
    const law = fc.asyncProperty(
      fc.nat(files.length - 1),
      fc.nat(1_000_000),
      async (index, position) => {
        const forged = files.map(({ bytes, path }, at) => {
          const copy = Uint8Array.from(bytes)
          const place = position % copy.length
          if (at === index) copy[place] = (copy[place] ?? 0) ^ (1 << (position % 8))
          return { path, bytes: copy }
        })
        const written = await writeFolder(forged, blocks)
        const attempt = verifyWorld(world, written.cid, blocks)
        await assert.rejects(attempt, (error) => {
          assert.ok(isMeshError(error, 'verify/mismatch'), String(error))
          const path = files[index]?.path ?? ''
          // What is signed is opened before files are compared, and then named for what it is.
          const isEvidence = path === 'forecast.json' || path.startsWith('provenance/')
          assert.ok(isEvidence || error.message.startsWith(path), `${error.message}: ${path}`)
          return true
        })
      }
    )
    await fc.assert(law, { numRuns: 40 })
  })

  it('of the set of files', async () => {
    const { blocks, forecast } = await published()
    const files = await filesOf(forecast, blocks)
    const more = await writeFolder([...files, { path: 'x.txt', bytes: Uint8Array.of(1) }], blocks)
    await assert.rejects(
      verifyWorld(world, more.cid, blocks),
      isMismatch(/x\.txt is not part of the forecast/)
    )
    const fewer = await writeFolder(
      files.filter(({ path }) => path !== 'LICENSE'),
      blocks
    )
    await assert.rejects(
      verifyWorld(world, fewer.cid, blocks),
      isMismatch(/LICENSE is not in the folder/)
    )
  })

  it('and names what is gone', async () => {
    const { blocks, forecast } = await published()
    const [slot] = world.slots
    assert.ok(slot)
    const gone = (target: CID): Blocks => ({
      ...blocks,
      get: async (cid, options) => {
        if (cid.equals(target)) throw new MeshError('net/block-missing', `block ${cid} is gone`)
        return await blocks.get(cid, options)
      }
    })
    await assert.rejects(verifyWorld(world, forecast, gone(slot.result)), (error) => {
      assert.ok(isMeshError(error, 'net/block-missing'))
      assert.match(error.message, /^unit 0\/0\/0: block bafy\w+ is gone/)
      return true
    })
    const [block] = world.plan.blocks
    assert.ok(block)
    await assert.rejects(verifyWorld(world, forecast, gone(block.state)), (error) => {
      assert.ok(isMeshError(error, 'net/block-missing'))
      assert.match(error.message, /^initial state of block 0/)
      return true
    })
  })
})
