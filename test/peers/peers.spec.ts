/** Many peers in one process, short form; the sizes of the issue are `npm run peers`. */
import assert from 'node:assert/strict'
import { runPeers } from './many-peers.ts'

describe('many peers behind one address', function () {
  this.timeout(300_000)

  it('stay meshed and bring every unit of two forecasts home', async () => {
    const outcome = await runPeers({
      peers: 24,
      units: 48,
      coordinators: 2,
      batches: 2,
      withinMs: 200_000
    })
    assert.equal(outcome.verified, 48)
    assert.equal(outcome.failed, 0)
    assert.ok(outcome.operators >= 12, `${outcome.operators} operators had a share`)
    for (const peers of outcome.connected) assert.ok(peers >= 20, `${peers} peers are connected`)
  })
})
