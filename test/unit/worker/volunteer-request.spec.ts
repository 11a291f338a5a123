/** The volunteer core asking for work: when, whom, how often, and what it takes. */
import assert from 'node:assert/strict'
import { toBlock } from '../../../protocol/canonical.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { bodyOf, claimedKind } from '../../../protocol/signed.ts'
import { runUnit } from '../../sim/nodes/kernel.ts'
import { keys, NOW } from '../coordinator/harness.ts'
import { PLAN, RETRY_MS, UNIT, Worker } from './volunteer-desk.ts'

describe('volunteer: asking', () => {
  it('asks nobody before it heard of open units', () => {
    const worker = new Worker()
    worker.tick(RETRY_MS)
    assert.deepEqual(worker.said, [])
  })

  it('asks within the time that the news names, woken for it', () => {
    const waits: number[] = []
    for (const askWithinMs of [1, 200, 10 * RETRY_MS]) {
      const fresh = new Worker()
      fresh.hear({ askWithinMs })
      const [wake] = fresh.of('wake')
      assert.ok((wake?.afterMs ?? 0) <= Math.min(askWithinMs, RETRY_MS))
      waits.push(wake?.afterMs ?? 0)
      if (wake !== undefined) fresh.tick(wake.afterMs)
      assert.deepEqual(fresh.said, ['lease-request'])
    }
    assert.ok((waits[2] ?? 0) > (waits[1] ?? 0))
  })

  it('asks again when it was told to, and not before', () => {
    const worker = new Worker()
    worker.announce()
    worker.refuse('quota', 100_000)
    worker.announce()
    assert.deepEqual(worker.said, [])
    worker.tick(92_500)
    assert.deepEqual(worker.said, ['lease-request'])
  })

  it('news of open units shortens the wait only after "nothing open"', () => {
    const worker = new Worker()
    worker.announce()
    worker.refuse('nothing-open', 100_000)
    worker.announce()
    assert.deepEqual(worker.said, ['lease-request'])
  })

  it('rotates between coordinators', () => {
    const worker = new Worker({ slots: 2 })
    worker.announce('alpha')
    worker.refuse('nothing-open', 1)
    worker.announce('beta')
    const asked = worker.of('ask').map(({ to }) => to)
    assert.deepEqual(asked, [keys('beta').key, keys('alpha').key])
  })

  it('repeats an unanswered request under the same name, later each time', () => {
    const worker = new Worker()
    worker.announce()
    const names: Uint8Array[] = []
    const waitsMs = [30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 960_000]
    for (const waitMs of waitsMs) {
      const [ask] = worker.of('ask')
      assert.ok(ask)
      names.push(bodyOf('lease-request', ask.envelope).request)
      worker.handle({ kind: 'unanswered', exchange: ask.exchange })
      worker.tick(waitMs - 1)
      assert.deepEqual(worker.said, [], `after ${waitMs - 1} ms`)
      worker.state.live.owners.forEach((owner) => {
        owner.heardAtMs = worker.atMs
      })
      worker.tick(1)
    }
    for (const name of names) assert.deepEqual(name, names[0])
  })

  it('asks no coordinator that was not heard of for long', () => {
    const worker = new Worker()
    worker.announce()
    worker.refuse('nothing-open')
    worker.tick(5 * 60_000 + 1)
    assert.deepEqual(worker.said, [])
  })

  it('takes only what is for it', () => {
    const cases: readonly Partial<LeaseGrant>[] = [
      { request: new Uint8Array(32) },
      { operator: keys('other').key },
      { peer: keys('other').key },
      { expiresAtMs: NOW },
      { unit: Uint8Array.of(1) },
      { unit: toBlock({ ...UNIT, kernel: PLAN.forcing }).bytes },
      { unit: toBlock({ ...UNIT, memoryPagesMax: 16_384 }).bytes }
    ]
    for (const change of cases) {
      const worker = new Worker({ memoryPagesMax: 10_000 })
      worker.announce()
      worker.grant(change)
      assert.deepEqual(worker.of('compute'), [], Object.keys(change).join())
      assert.deepEqual(worker.records, [])
    }
  })

  it('takes no more than it has slots, and nothing while it drains', () => {
    const worker = new Worker({ slots: 2 })
    worker.announce('alpha')
    worker.grant()
    assert.deepEqual(worker.said, ['lease-request'])
    worker.grant()
    assert.deepEqual(worker.said, [])
    const idle = new Worker()
    idle.handle({ kind: 'drain' })
    idle.announce()
    assert.deepEqual(idle.said, [])
    idle.handle({ kind: 'resume' })
    assert.deepEqual(idle.said, ['lease-request'])
  })

  it('takes nothing new while no slot is allowed, and no more than the setup has', () => {
    const worker = new Worker({ slots: 2 })
    worker.handle({ kind: 'slots', count: 0 })
    worker.announce('alpha')
    assert.deepEqual(worker.said, [])
    worker.handle({ kind: 'slots', count: 9 })
    assert.deepEqual(worker.said, ['lease-request'])
    assert.equal(worker.state.live.slots, 2)
  })

  it('says whose tiles it has: forcing and states of what it computed, also after a kill', () => {
    const worker = new Worker()
    const cachedOf = (): string[] => {
      const [envelope = assert.fail()] = worker
        .of('ask')
        .map((ask) => ask.envelope)
        .filter((each) => claimedKind(each) === 'lease-request')
      return bodyOf('lease-request', envelope).cached.map(String)
    }
    worker.announce()
    assert.deepEqual(cachedOf(), [])
    worker.grant()
    worker.computed()
    const after = runUnit(UNIT).result.states.at(-1)
    const known = [UNIT.state, after, UNIT.forcing].map(String)
    assert.deepEqual(cachedOf(), known)
    worker.restart()
    worker.announce()
    assert.deepEqual(cachedOf(), known)
  })
})
