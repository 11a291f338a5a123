/** The federation's file from its first epoch to the next, under two of three roots. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  addToFederation,
  initFederation,
  showFederation,
  signFederation
} from '../../../node/cli/federation-command.ts'
import type { Context } from '../../../node/cli/program.ts'
import { isMeshError } from '../../../node/mesh-error.ts'
import { readFederation } from '../../../node/service/federation-file.ts'
import { loadOrCreateSecret } from '../../../node/store/key-file.ts'
import { toHex } from '../../../protocol/hex.ts'
import { followsManifest, openFederation, publicKeyOf } from '../../../protocol/signed.ts'

const KEY = (digit: string): string => digit.repeat(64)

describe('federation command', () => {
  let dir: string
  const answers: unknown[] = []
  const terminal = {
    answer: (line: string) => answers.push(line),
    say: () => {},
    json: (value: unknown) => answers.push(value)
  }
  const context = { terminal, signal: new AbortController().signal } as unknown as Context
  const at = (name: string): string => join(dir, name)
  const shown = async (file: string) => {
    await showFederation(at(file), { json: true }, context)
    return answers.at(-1) as { epoch: number; signedBy: string[]; coordinators: unknown[] }
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-federation-'))
    const third = toHex(publicKeyOf(await loadOrCreateSecret(at('c.key'))))
    await initFederation(
      {
        network: 'sea',
        coordinator: [`${KEY('1')}=One`],
        root: [at('a.key'), at('b.key')],
        rootKey: [third],
        rootsNeeded: 2,
        out: at('first.cbor'),
        timeScale: 1
      },
      context
    )
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('a manifest holds from the signature that makes enough roots', async () => {
    assert.equal((await shown('first.cbor')).signedBy.length, 2)
    const flags = { coordinator: [`${KEY('2')}=Two`], out: at('next.cbor') }
    await addToFederation(at('first.cbor'), flags, context)
    const blank = await shown('next.cbor')
    assert.deepEqual([blank.epoch, blank.signedBy.length, blank.coordinators.length], [2, 0, 2])
    const isInvalid = (error: unknown): boolean => isMeshError(error, 'config/invalid')
    await signFederation(at('next.cbor'), { root: [at('c.key')] }, context)
    await signFederation(at('next.cbor'), { root: [at('c.key')] }, context)
    assert.equal((await shown('next.cbor')).signedBy.length, 1)
    await assert.rejects(readFederation(at('next.cbor')), isInvalid)
    await signFederation(at('next.cbor'), { root: [at('a.key')] }, context)
    const next = await readFederation(at('next.cbor'))
    const first = await readFederation(at('first.cbor'))
    assert.ok(followsManifest(next, first.body))
    assert.ok(!followsManifest(first, next.body))
  })

  it('no other key signs, and no bit of a signed manifest changes', async () => {
    await assert.rejects(
      signFederation(at('first.cbor'), { root: [at('stranger.key')] }, context),
      (error) => isMeshError(error, 'cli/usage')
    )
    const bytes = new Uint8Array(await readFile(at('first.cbor')))
    for (const index of [40, 200, bytes.length - 20]) {
      const changed = Uint8Array.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      assert.throws(() => openFederation(changed), `byte ${index}`)
    }
  })

  it('is trusted with a root key that signed it, and with no other', async () => {
    const root = publicKeyOf(await loadOrCreateSecret(at('b.key')))
    assert.equal((await readFederation(at('first.cbor'), root)).body.network, 'sea')
    const third = publicKeyOf(await loadOrCreateSecret(at('c.key')))
    await assert.rejects(readFederation(at('first.cbor'), third), (error) =>
      isMeshError(error, 'config/invalid')
    )
  })
})
