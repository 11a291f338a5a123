/** What is published: the built binary runs, and computes what the checkout computes. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { simulateForecast } from '../../node/forecast/simulate.ts'

const execute = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

describe('the built binary', function () {
  this.timeout(300_000)

  it('simulates the sample to the product CID of the checkout', async () => {
    await execute(process.execPath, [`${ROOT}scripts/package.ts`])
    const binary = `${ROOT}dist/driftmesh.mjs`
    const { stdout: version } = await execute(process.execPath, [binary, 'version'])
    assert.match(version, /^\d+\.\d+\.\d+\n$/)
    const sample = `${ROOT}dist/sample/forecast.yaml`
    const { stdout } = await execute(process.execPath, [binary, 'simulate', sample, '--json'])
    const { product } = await simulateForecast(`${ROOT}node/sample/forecast.yaml`, { threads: 2 })
    assert.equal(JSON.parse(stdout).product, product)
  })
})
