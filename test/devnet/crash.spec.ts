/** kill -9 in the middle of a forecast, of a volunteer and of an owning coordinator. */
import assert from 'node:assert/strict'
import { encodeFact } from '../../coordinator/fact.ts'
import { toHex } from '../../protocol/hex.ts'
import {
  openTestMesh,
  readLedger,
  simulatedProduct,
  submit,
  untilProgress
} from './running-mesh.ts'

const FORECAST_MS = 300_000

describe('devnet: kill -9', function () {
  this.timeout(900_000)

  it('of a volunteer and of the owner loses no fact and settles nothing twice', async () => {
    await using test = await openTestMesh({ coordinators: 2, volunteers: 3, particles: 12_000 })
    const { mesh, forecastFile } = test
    const plan = await submit(test)

    await untilProgress(mesh, 0, plan, (p) => p.units.leased + p.units.committed > 0, FORECAST_MS)
    await mesh.volunteers[0]?.kill()
    await mesh.coordinators[0]?.kill()
    const home = mesh.coordinators[0]?.home ?? ''
    const before = (await readLedger(home)).map(encodeFact).map(toHex)
    assert.ok(before.length > 0, 'the killed coordinator had logged facts')
    await mesh.startCoordinator(0)
    await mesh.startVolunteer(0)

    const done = await untilProgress(mesh, 0, plan, (p) => p.forecast !== undefined, FORECAST_MS)
    assert.equal(done.units.verified, done.units.total)
    assert.deepEqual(done.gaps, [])
    assert.ok(done.operatorsPerUnitMin >= 2, `${done.operatorsPerUnitMin} operators`)
    assert.equal(done.product, await simulatedProduct(forecastFile))

    await mesh.stop()
    const after = await readLedger(home)
    assert.deepEqual(after.map(encodeFact).map(toHex).slice(0, before.length), before)
    for (const node of mesh.coordinators) {
      const settled = (await readLedger(node.home)).flatMap((fact) =>
        fact.kind === 'slot-settled'
          ? [`${fact.plan}/${fact.slot.member}/${fact.slot.block}/${fact.slot.window}`]
          : []
      )
      assert.equal(new Set(settled).size, settled.length, `${node.name} settled a slot twice`)
    }
  })
})
