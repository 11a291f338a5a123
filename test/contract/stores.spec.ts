/**
 * The stores that must survive a kill: ledger, records and key files.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMeshError } from '../../node/mesh-error.ts'
import { loadOrCreateSecret } from '../../node/store/key-file.ts'
import { type Ledger, openLedger } from '../../node/store/ledger.ts'
import { openLevel } from '../../node/store/level-folder.ts'
import { openRecords } from '../../node/store/records.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const WRITER = fileURLToPath(new URL('ledger-writer.ts', import.meta.url))

async function read(ledger: Ledger): Promise<string[]> {
  const all: string[] = []
  for await (const entry of ledger.entries()) all.push(new TextDecoder().decode(entry))
  return all
}

/** A ledger folder that holds these entries, closed. */
async function writeLedger(dir: string, entries: readonly string[]): Promise<void> {
  const ledger = await openLedger(dir)
  await ledger.append(entries.map(text))
  await ledger.close()
}

describe('stores', () => {
  let home: string
  let count = 0
  const fresh = (): string => join(home, `${++count}`)
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'driftmesh-test-'))
  })
  after(() => rm(home, { recursive: true, force: true }))

  it('a ledger keeps order over appends under way, reopens with the same head', async () => {
    const dir = fresh()
    const ledger = await openLedger(dir)
    assert.equal(ledger.length, 0)
    assert.deepEqual(ledger.head, new Uint8Array(32))
    await Promise.all([
      ledger.append([text('a'), text('b')]),
      ledger.append([]),
      ledger.append([text('c')])
    ])
    assert.deepEqual(await read(ledger), ['a', 'b', 'c'])
    const { head } = ledger
    await ledger.close()
    const again = await openLedger(dir)
    assert.equal(again.length, 3)
    assert.deepEqual(again.head, head)
    await again.append([text('')])
    assert.deepEqual(await read(again), ['a', 'b', 'c', ''])
    assert.notDeepEqual(again.head, head)
    await again.close()
  })

  it('a ledger loses nothing that was appended when its process is killed', async () => {
    const dir = fresh()
    const child = spawn(process.execPath, [WRITER, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = 0
    for await (const chunk of child.stdout) {
      said = Number(`${chunk}`.trim().split('\n').at(-1))
      if (said >= 20 && child.exitCode === null) child.kill('SIGKILL')
    }
    assert(said >= 20, `${said} entries`)
    const ledger = await openLedger(dir)
    assert(ledger.length >= said, `${ledger.length} of ${said} entries`)
    assert.equal(ledger.length % 2, 0, 'half a batch')
    const expected = Array.from({ length: ledger.length }, (_, index) => `entry ${index}`)
    assert.deepEqual(await read(ledger), expected)
    await ledger.close()
  })

  const damages: Record<string, (level: Awaited<ReturnType<typeof openLevel>>) => Promise<void>> = {
    'an entry that was changed': async (level) => {
      const value = await level.get('e000000000001')
      assert(value !== undefined)
      value[value.length - 1] = 0
      await level.put('e000000000001', value)
    },
    'an entry that is missing': (level) => level.del('e000000000001'),
    'a last entry that is missing': (level) => level.del('e000000000002'),
    'an end that is missing': (level) => level.del('head')
  }
  for (const [name, damage] of Object.entries(damages)) {
    it(`a ledger with ${name} is refused`, async () => {
      const dir = fresh()
      await writeLedger(dir, ['a', 'b', 'c'])
      const level = await openLevel(dir)
      await damage(level)
      await level.close()
      await assert.rejects(openLedger(dir), (error) => {
        assert(isMeshError(error, 'store/failed'))
        assert.match(error.message, /damaged/)
        return true
      })
      // refused, not held: the folder can be opened to look at it
      await (await openLevel(dir)).close()
    })
  }

  it('one process per folder: the second is told that it is in use', async () => {
    const dir = fresh()
    const first = await openRecords(dir)
    for (const open of [openRecords, openLedger]) {
      await assert.rejects(open(dir), (error) => isMeshError(error, 'store/locked'), open.name)
    }
    await first.close()
  })

  it('records are put, replaced, deleted and there after reopening', async () => {
    const dir = fresh()
    const records = await openRecords(dir)
    await records.put('b', text('1'))
    await records.put('a', text('2'))
    await records.put('b', text('3'))
    await records.put('c', text('4'))
    await records.delete('c')
    await records.delete('never there')
    await records.close()
    const again = await openRecords(dir)
    const all: string[] = []
    for await (const { key, value } of again.all()) {
      all.push(`${key} ${new TextDecoder().decode(value)}`)
    }
    assert.deepEqual(all, ['a 2', 'b 3'])
    await again.close()
  })

  it('a secret is made once, whole, for its owner only', async () => {
    const file = join(fresh(), 'keys', 'peer.key')
    const made = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateSecret(file)))
    for (const secret of made) assert.deepEqual(secret, made[0])
    assert.deepEqual(new Uint8Array(await readFile(file)), made[0])
    assert.equal(made[0]?.byteLength, 32)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(join(file, '..')), ['peer.key'])
  })

  it('a secret of another length and a place that cannot be written are refused', async () => {
    const short = fresh()
    await writeFile(short, 'too short')
    for (const file of [short, join(short, 'below a file')]) {
      await assert.rejects(
        loadOrCreateSecret(file),
        (error) => isMeshError(error, 'store/failed') && error.message.includes(short),
        file
      )
    }
    assert.equal(await readFile(short, 'utf8'), 'too short')
  })
})
