/** Exactly one reason, in the order in which they count; and the pause after failures. */
import assert from 'node:assert/strict'
import { NO_FAILURES, onFailure, onSuccess } from '../../../node/worker/effort/failures.ts'
import { type ReasonCode, type Situation, whyOf } from '../../../node/worker/effort/reason.ts'

/** Everything speaks against computing at once. */
const WORST: Situation = {
  atMs: 1000,
  pause: { untilMs: 9000 },
  isFinishing: true,
  failures: { untilMs: 5000, reason: 'failed' },
  allowed: { threads: 0, because: 'battery' },
  threads: 2,
  computing: 0,
  awaiting: 1,
  peers: 0,
  owners: 0,
  refusal: { reason: 'nothing-open', untilMs: 4000 },
  isUnanswered: true
}

describe('the reason of status', () => {
  it('is the first that holds', () => {
    const { pause: _pause, ...unpaused } = WORST
    const sound = { ...unpaused, failures: NO_FAILURES }
    const allowed = { ...sound, allowed: { threads: 2 } }
    const going = { ...allowed, isFinishing: false }
    const met = { ...going, peers: 3 }
    const answered = { ...met, isUnanswered: false }
    const { refusal: _refusal, ...unrefused } = answered
    const decided = { ...unrefused, awaiting: 0 }
    const announced = { ...decided, owners: 1 }
    const computing = { ...announced, computing: 1 }
    const active = { ...computing, allowed: { threads: 1, because: 'user-active' as const } }
    const order: [Situation, ReasonCode, string][] = [
      [WORST, 'paused-by-user', 'paused'],
      [unpaused, 'failures', 'paused'],
      [sound, 'battery', 'paused'],
      [allowed, 'finishing', 'finishing'],
      [going, 'no-peers', 'idle'],
      [met, 'unreachable', 'idle'],
      [answered, 'refused', 'idle'],
      [unrefused, 'waiting-for-verdict', 'idle'],
      [decided, 'no-announcement', 'idle'],
      [announced, 'waiting-for-work', 'idle'],
      [computing, 'computing', 'computing'],
      [active, 'user-active', 'computing']
    ]
    for (const [situation, reason, activity] of order) {
      const why = whyOf(situation)
      assert.deepEqual([why.reason, why.activity], [reason, activity])
      assert.ok(why.text.length > 10, reason)
    }
    assert.equal(whyOf(WORST).untilMs, 9000)
  })

  it('a refusal or a pause after failures that is over is none', () => {
    const over = { ...WORST, atMs: 6000, isFinishing: false, peers: 1, isUnanswered: false }
    const { pause: _pause, ...going } = over
    assert.equal(whyOf({ ...going, allowed: { threads: 2 } }).reason, 'waiting-for-verdict')
  })
})

describe('failures in a row', () => {
  it('pause at the third, longer each time, and a verified unit clears them', () => {
    let failures = NO_FAILURES
    const pauses: number[] = []
    for (let i = 0; i < 9; i++) {
      failures = onFailure(failures, 'rejected', 0)
      if (failures.inARow === 0) pauses.push(failures.untilMs ?? Number.NaN)
    }
    assert.deepEqual(pauses, [600_000, 1_200_000, 2_400_000])
    assert.equal(failures.reason, 'rejected')
    const two = onFailure(onFailure(NO_FAILURES, 'a', 0), 'b', 0)
    assert.equal(two.untilMs, undefined)
    assert.deepEqual(onFailure(onSuccess(), 'c', 0).inARow, 1)
  })
})
