/**
 * A volunteer's own node, real processes: paused, it computes nothing and says why; resumed, it
 * goes on; finished, it ends by itself; and what it contributed can be checked without a network.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { VolunteerStatusView } from '../../node/cli/volunteer/status-text.ts'
import type { ChildNode } from '../../node/demo/child-node.ts'
import {
  type Certificate,
  type Contribution,
  verifyCertificate
} from '../../node/service/contribution/certificate.ts'
import { fromHex } from '../../protocol/hex.ts'
import { openTestMesh, submit, untilProgress } from './running-mesh.ts'

const FORECAST_MS = 300_000
const POLL_MS = 100

interface Contributed {
  readonly contribution: Contribution
  readonly certificate: Certificate
}

describe('devnet: a volunteer', function () {
  this.timeout(900_000)

  const statusOf = async (node: ChildNode): Promise<VolunteerStatusView> =>
    (await node.control()).get<VolunteerStatusView>('/status')
  const tell = async (nodes: ChildNode[], path: string): Promise<void> => {
    for (const node of nodes) await (await node.control()).post(path, {})
  }
  const until = async (node: ChildNode, is: (s: VolunteerStatusView) => boolean): Promise<void> => {
    const endMs = performance.now() + FORECAST_MS
    while (!is(await statusOf(node))) {
      assert.ok(performance.now() < endMs, JSON.stringify(await statusOf(node)))
      await sleep(POLL_MS)
    }
  }

  it('pauses, resumes, finishes, and has its certificate', async () => {
    await using test = await openTestMesh({ coordinators: 1, volunteers: 2, particles: 2_400 })
    const { mesh } = test
    const { volunteers } = mesh
    await tell(volunteers, '/pause')
    const plan = await submit(test)
    for (const node of volunteers) {
      await until(node, ({ peers }) => peers > 0)
      const paused = await statusOf(node)
      assert.deepEqual([paused.activity, paused.reason], ['paused', 'paused-by-user'])
      assert.equal(paused.computing, 0)
    }
    const before = await untilProgress(mesh, 0, plan, () => true, FORECAST_MS)
    assert.equal(before.units.leased + before.units.committed + before.units.verified, 0)

    await tell(volunteers, '/resume')
    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)
    assert.equal(done.units.verified, done.units.total)
    const [one, two] = volunteers
    assert.ok(one !== undefined && two !== undefined)
    await until(one, (s) => s.outcomes.verified === done.units.total && s.awaiting === 0)
    const status = await statusOf(one)
    assert.ok(status.used.receivedBytes > 0 && status.used.inputBytes > 0)

    const { contribution, certificate } = await (await one.control()).get<Contributed>(
      '/contributions'
    )
    assert.equal(contribution.units, done.units.total)
    const checked = verifyCertificate(
      JSON.parse(JSON.stringify(certificate)),
      fromHex(mesh.rootKey)
    )
    assert.deepEqual(checked.contribution, contribution)

    const exited = once(two.process, 'exit')
    await tell([two], '/drain')
    assert.deepEqual(await exited, [0, null], 'finished, it ends by itself')
  })
})
