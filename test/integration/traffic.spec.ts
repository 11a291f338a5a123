/** Limits of bytes and connections, on real libp2p: never above, and everything still arrives. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { equals } from 'uint8arrays/equals'
import type { NetInit } from '../../node/net/net.ts'
import { openBudget } from '../../node/net/traffic.ts'
import { collectNets, type Nets } from './nets.ts'

const RATE = 200_000
const FRAME_BYTES = 100_000
const FRAMES = 6

describe('a budget of bytes', () => {
  it('lets through what the rate allows, whatever the size of the pieces', () => {
    for (const piece of [1, 1000, 16_384, 90_000]) {
      const budget = openBudget(RATE, 0)
      let atMs = 0
      let taken = 0
      while (atMs < 60_000) {
        const waitMs = budget.waitMs(atMs)
        if (waitMs === 0) {
          budget.take(piece, atMs)
          taken += piece
        } else atMs += waitMs
      }
      const share = taken / (RATE * 60)
      assert.ok(share > 0.9 && share < 1.01, `${piece}: ${share}`)
    }
  })
  it('without a limit never waits', () => {
    const budget = openBudget(undefined, 0)
    budget.take(1e12, 0)
    assert.equal(budget.waitMs(0), 0)
  })
})

describe('limits of a net', function () {
  this.timeout(240_000)
  let nets: Nets
  beforeEach(() => {
    nets = collectNets()
  })
  afterEach(() => nets.stop())

  /** Seconds that frames take from one net to another, each with its limits. */
  const send = async (from: NetInit['limits'], to: NetInit['limits']): Promise<number> => {
    const sender = await nets.open(from === undefined ? {} : { limits: from })
    const receiver = await nets.open(to === undefined ? {} : { limits: to })
    const frame = new Uint8Array(randomBytes(FRAME_BYTES))
    let right = 0
    await receiver.handle('result', async (got) => {
      if (equals(got, frame)) right += 1
      return new Uint8Array([1])
    })
    const options = { signal: AbortSignal.timeout(200_000), addresses: receiver.addresses() }
    await sender.connect(receiver.key, receiver.addresses(), options.signal)
    const start = performance.now()
    const before = sender.traffic().sentBytes
    for (let i = 0; i < FRAMES; i++) await sender.request(receiver.key, 'result', frame, options)
    const seconds = (performance.now() - start) / 1000
    assert.equal(right, FRAMES)
    const sent = sender.traffic().sentBytes - before
    assert.ok(sent >= FRAMES * FRAME_BYTES && sent < 1.1 * FRAMES * FRAME_BYTES, `${sent}`)
    return seconds
  }
  /** The first quarter second comes from the budget that was saved. */
  const secondsMin = (FRAMES * FRAME_BYTES) / RATE - 0.25

  it('uploads no faster than allowed', async () => {
    assert.ok((await send({ uploadBytesPerSecond: RATE }, undefined)) > 0.9 * secondsMin)
  })

  it('downloads no faster than allowed', async () => {
    // What the system's own buffers take in is not read, but is sent: the last frames are late.
    const seconds = await send(undefined, { downloadBytesPerSecond: RATE })
    assert.ok(seconds > 0.9 * secondsMin, `${seconds} s`)
  })
})
