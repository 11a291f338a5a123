/** The log that a coordinator's heads are about is its ledger; others can check what lies in it. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Channel } from '../../node/net/net.ts'
import { leadsTo, serveLog } from '../../node/service/log-exchange.ts'
import { openLedger } from '../../node/store/ledger.ts'
import { openLog } from '../../node/telemetry/log.ts'
import type { Head } from '../../protocol/message/watch.ts'
import { ed25519, keyringOf, openStatement } from '../../protocol/signed.ts'
import { smallPlan } from '../fixtures/plans/small-plan.ts'
import { federationOf, keys } from '../unit/coordinator/harness.ts'
import { Table, THREE } from '../unit/coordinator/table.ts'

type Answer = (frame: Uint8Array, from: Uint8Array) => Promise<Uint8Array>

const owner = keyringOf(new Uint8Array(32).fill(1), 'unit')
const member = keyringOf(new Uint8Array(32).fill(2), 'unit')
const stranger = keyringOf(new Uint8Array(32).fill(3), 'unit')
const FEDERATION = {
  ...federationOf(['one']).body,
  coordinators: [owner, member].map(({ key }) => ({ key, institution: 'One', addresses: [] }))
}

describe('log: what heads are about', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-log-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('the chain of the core is the chain of the ledger', async () => {
    const table = new Table(THREE, smallPlan({ blockCount: 2, windowSteps: 48 }))
    table.submit('alpha')
    table.work('ann', 'bob')
    const { ledger: facts, state } = table.desk('alpha')
    const ledger = await openLedger(join(dir, 'ledger'))
    await ledger.append(facts)
    assert.equal(state.durable.log.length, ledger.length)
    assert.deepEqual(new Uint8Array(ledger.head), new Uint8Array(state.durable.log.head))
    await ledger.close()
    assert.equal(keys('alpha').key.length, 32)
  })

  it('a member gets the entries between two heads; changed ones do not lead there', async () => {
    const ledger = await openLedger(join(dir, 'ledger'))
    const heads: Head[] = []
    for (let length = 0; length < 6; length += 1) {
      const about = { coordinator: owner.key, length, head: new Uint8Array(ledger.head), atMs: 0 }
      heads.push({ kind: 'head', ...about })
      await ledger.append([Uint8Array.of(length, 7)])
    }
    let answer: Answer = () => assert.fail('nobody answers')
    const net = {
      handle: async (channel: Channel, given: Answer) => {
        assert.equal(channel, 'log')
        answer = given
      },
      request: () => assert.fail('nothing is asked')
    }
    const log = openLog(dir, {})
    const { signal } = new AbortController()
    const curve = ed25519
    await serveLog({ federation: FEDERATION, curve, keyring: owner, ledger, net, log, signal })
    const range = { kind: 'log-request' as const, from: 2, to: 5 }
    const frame = await answer(member.sign('log-request', range), member.key)
    const { body, signer } = openStatement('log-entries', 'unit', frame)
    assert.deepEqual(signer, owner.key)
    assert.equal(body.entries.length, 3)
    const [two, four, five] = [heads[2], heads[4], heads[5]]
    assert.ok(two && four && five)
    assert.ok(leadsTo(body, two, five))
    assert.ok(!leadsTo(body, two, four))
    assert.ok(!leadsTo(body, four, five))
    const entries = body.entries.map((entry, index) => (index === 1 ? Uint8Array.of(9) : entry))
    assert.ok(!leadsTo({ ...body, entries }, two, five))
    await assert.rejects(answer(stranger.sign('log-request', range), stranger.key))
    await assert.rejects(answer(member.sign('log-request', range), stranger.key))
    await ledger.close()
  })
})
