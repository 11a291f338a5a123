/** Grant: who gets a unit, which one, and who does not. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { PROBATION_VALIDATED } from '../../../coordinator/trust/reputation.ts'
import { toBlock, toRawBlock } from '../../../protocol/canonical.ts'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import { smallPlan } from '../../fixtures/plans/small-plan.ts'
import { actionOf, Desk, NOW, settle } from './harness.ts'

const ONE_SLOT = smallPlan({ blockCount: 1, windowSteps: 48 })

function open(plan = ONE_SLOT): Desk {
  const desk = new Desk()
  desk.submit(plan)
  return desk
}

describe('grant', () => {
  it('refuses with the reason', () => {
    const desk = open()
    const cases: readonly (readonly [string, () => ReturnType<Desk['request']>])[] = [
      ['inadmissible', () => desk.request('ann', { atMs: NOW - 3_600_000 })],
      ['unknown-operator', () => desk.request('ann', { binding: bindingOf('bob') })],
      ['no-common-kernel', () => desk.request('ann', { kernels: [] })],
      ['too-little-memory', () => desk.request('ann', { memoryPagesMax: 1 })],
      ['grant', () => desk.request('ann')],
      ['already-on-unit', () => desk.request('ann')],
      ['already-on-unit', () => desk.request('anna', {}, 'op-ann')],
      ['grant', () => desk.request('bob')],
      ['nothing-open', () => desk.request('cem')]
    ]
    for (const [expected, ask] of cases) assert.equal(actionOf(ask()), expected)
  })

  it('repeats the grant for a repeated request, and for nobody else', () => {
    const desk = open()
    const request = new Uint8Array(32).fill(200)
    const first = desk.request('ann', { request })
    assert.deepEqual(desk.request('ann', { request }), first)
    assert.equal(desk.of('append').length, 0)
    assert.equal(actionOf(desk.request('bob', { request })), 'inadmissible')
    desk.restart()
    assert.deepEqual(desk.request('ann', { request }), first)
  })

  it('an operator starts with two leases, doubled by validated work after its probation', () => {
    const desk = open(smallPlan({ blockCount: 1, windowSteps: 4 }))
    for (let done = 0; done < PROBATION_VALIDATED; done += 1) settle(desk, 'ann', 'bob')
    desk.submit(smallPlan({ blockCount: 8, windowSteps: 48 }))
    const asked = (peer: string, count: number): string[] =>
      Array.from({ length: count }, () => actionOf(desk.request(peer)))
    assert.deepEqual(asked('ann', 5), ['grant', 'grant', 'grant', 'grant', 'quota'])
    assert.deepEqual(asked('new', 3), ['grant', 'grant', 'quota'])
  })

  it('chooses among open slots at random', () => {
    const blocks = new Set<number>()
    for (let index = 0; index < 12; index += 1) {
      const desk = open(smallPlan({ blockCount: 12, windowSteps: 48 }))
      for (let skip = 0; skip < index; skip += 1) desk.tick()
      blocks.add(desk.grant('ann').slot.block)
    }
    assert.ok(blocks.size > 3, `only ${blocks.size} different slots`)
  })

  it('prefers the slot whose state, then the plan whose forcing, the volunteer has', () => {
    const wide = smallPlan({ blockCount: 12, windowSteps: 48 })
    const other = { ...wide, name: 'other', forcing: toRawBlock(Uint8Array.of(9)).cid }
    const counts = { state: 0, forcing: 0, none: 0 }
    const runs = 40
    for (let index = 0; index < runs; index += 1) {
      const ask = (cached: readonly CID[]): LeaseGrant => {
        const desk = open(wide)
        desk.submit(other)
        for (let skip = 0; skip < index; skip += 1) desk.tick()
        const answer = desk.request('ann', { cached })
        return answer.kind === 'lease-grant' ? answer : assert.fail(actionOf(answer))
      }
      const { cid } = toBlock(other)
      const isOther = ({ slot }: LeaseGrant): boolean => slot.plan.equals(cid)
      const [, second] = wide.blocks
      if (second !== undefined && ask([second.state]).slot.block === 1) counts.state += 1
      if (isOther(ask([other.forcing]))) counts.forcing += 1
      if (isOther(ask([]))) counts.none += 1
    }
    // Twenty-four slots: by chance a given block comes 2 times in 24, a given plan every other.
    assert.ok(counts.state > runs / 2, `state: ${counts.state} of ${runs}`)
    assert.ok(counts.forcing > counts.none, `${counts.forcing} with, ${counts.none} without`)
    assert.ok(counts.forcing > (3 * runs) / 4, `forcing: ${counts.forcing} of ${runs}`)
  })
})

/** A binding that another peer's operator gave. */
function bindingOf(peer: string): Uint8Array {
  const desk = open()
  desk.request(peer)
  const [append] = desk.of('append')
  const fact = append?.facts.find(({ kind }) => kind === 'lease-granted')
  return fact?.kind === 'lease-granted' ? fact.binding : assert.fail()
}
