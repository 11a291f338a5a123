/**
 * A whole process: it ends by itself when its net and store are stopped, and what it had is there
 * again after kill -9.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PEER = fileURLToPath(new URL('peer.ts', import.meta.url))

interface Said {
  readonly peerId: string
  readonly isKept: boolean
}

describe('a process with a net and a store', function () {
  this.timeout(180_000)
  let home: string
  const children: ChildProcess[] = []
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'driftmesh-test-'))
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await rm(home, { recursive: true, force: true })
  })

  const start = async () => {
    const child = spawn(process.execPath, [PEER, home, 'a block'], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    children.push(child)
    const [line] = await once(child.stdout, 'data')
    return { child, said: JSON.parse(`${line}`) as Said }
  }

  it('is itself again after kill -9, and exits when stopped', async () => {
    const first = await start()
    assert.equal(first.said.isKept, false)
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const second = await start()
    assert.deepEqual(second.said, { peerId: first.said.peerId, isKept: true })
    second.child.stdin.end()
    const [code, signal] = await once(second.child, 'exit')
    assert.deepEqual([code, signal], [0, null])
  })
})
