/** The brake: how long a thread rests, and that a held one sleeps and is woken. */
import assert from 'node:assert/strict'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { makeBrake, restMs, restOn } from '../../../node/worker/effort/brake.ts'

describe('the brake of a kernel thread', () => {
  it('rests so long that work is the share asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 1000 }),
        fc.integer({ min: 50, max: 1000 }),
        (w, d) => {
          const rested = restMs(w, d)
          if (rested < 10_000) assert.ok(Math.abs(w / (w + rested) - d / 1000) < 1e-9)
        }
      )
    )
    assert.equal(restMs(100, 1000), 0)
    assert.equal(restMs(1000, 1), 10_000, 'but looks again')
  })

  it('does not rest before a slice of work is done, nor at full duty', () => {
    const brake = makeBrake()
    let nowMs = 0
    const told: boolean[] = []
    const rest = restOn(brake.shared, { nowMs: () => nowMs, tell: (is) => told.push(is) })
    nowMs = 99
    rest()
    nowMs = 5000
    rest()
    assert.deepEqual(told, [])
    brake.set({ isHeld: false, dutyPerMille: 990 })
    nowMs = 5099
    rest()
    assert.deepEqual(told, [])
    nowMs = 5100
    rest()
    assert.deepEqual(told, [true, false])
  })

  it('holds a thread until it is let go', async () => {
    const brake = makeBrake()
    brake.set({ isHeld: true, dutyPerMille: 1000 })
    const program = new URL('held.ts', import.meta.url)
    const worker = new Worker(program, { workerData: brake.shared })
    const said: string[] = []
    const over = new Promise<void>((resolve) => {
      worker.on('message', (message: string) => {
        said.push(message)
        if (message === 'resting true') brake.set({ isHeld: false, dutyPerMille: 1000 })
        if (message === 'done') resolve()
      })
    })
    await over
    assert.deepEqual(said, ['resting true', 'resting false', 'done'])
    await worker.terminate()
  })
})
