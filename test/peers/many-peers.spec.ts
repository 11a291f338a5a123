/** A dozen real peers in one process: every unit is final, and nobody is left alone. */
import assert from 'node:assert/strict'
import { runPeers } from './many-peers.ts'

/** Ten times what it takes here with six busy neighbours. */
const WITHIN_MS = 15 * 60_000

describe('many peers', () => {
  it('behind one address they meet, share all units, and stay connected', async () => {
    const outcome = await runPeers({
      peers: 12,
      units: 24,
      coordinators: 2,
      batches: 2,
      withinMs: WITHIN_MS
    })
    assert.equal(outcome.verified, 24)
    assert.equal(outcome.failed, 0)
    assert.ok(outcome.operators >= 2, `${outcome.operators} operators`)
    assert.ok(Math.min(...outcome.fewestConnections) >= 6, `${outcome.fewestConnections}`)
    assert.equal(outcome.latencies.commitToVerdict.count, 24)
  }).timeout(2 * WITHIN_MS)
})
