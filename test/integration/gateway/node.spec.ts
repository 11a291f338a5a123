/**
 * A coordinator's process serves its blocks on a port of its own, and what a page from there could
 * try on the control interface is refused.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { writeDemoForecast } from '../../../node/demo/demo-forecast.ts'
import { type LocalMesh, startLocalMesh } from '../../../node/demo/local-mesh.ts'
import { readControl } from '../../../node/service/home.ts'
import { ask } from './asked.ts'

describe('the gateway of a node', function () {
  this.timeout(180_000)
  let dir = ''
  let mesh: LocalMesh | undefined

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'driftmesh-gateway-'))
    mesh = await startLocalMesh({ dir, coordinatorCount: 1, volunteerCount: 0 })
  })
  after(async () => {
    await mesh?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  it('serves the plan that was submitted, from another origin than its control', async () => {
    const [coordinator] = mesh?.coordinators ?? []
    assert.ok(coordinator !== undefined)
    const control = await coordinator.control()
    const file = join(dir, 'forecast.yaml')
    await writeDemoForecast(file, undefined, 1200, 1)
    const { plan } = await control.post<{ plan: string }>('/forecasts', { file })
    const { gateway } = await control.get<{ gateway: string }>('/status')
    const got = await ask(`${gateway}/ipfs/${plan}?format=raw`)
    assert.equal(got.status, 200)
    const digest = createHash('sha256').update(got.body).digest()
    assert.ok(digest.equals(CID.parse(plan).multihash.digest))

    const { address, token } = await readControl(coordinator.home)
    assert.notEqual(new URL(address).port, new URL(gateway).port)
    const status = `${address}/api/v1/status`
    const authorization = `Bearer ${token}`
    const tries: Record<string, string>[] = [
      {},
      { authorization: 'Bearer guessed' },
      { authorization, origin: gateway },
      { authorization, host: `forecast.example:${new URL(address).port}` }
    ]
    for (const headers of tries) {
      const { status: code } = await ask(status, { headers })
      assert.equal(code, 403, JSON.stringify(headers))
    }
    assert.equal((await ask(status, { headers: { authorization } })).status, 200)
    assert.equal((await ask(`${gateway}/api/v1/status`)).status, 404)
  })
})
