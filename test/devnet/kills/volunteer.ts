/** The real volunteer; it also writes down every segment that it computed: who is killed, where. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { lifetime, sayReady, untilAborted } from '../../../node/service/parent.ts'
import { openVolunteer } from '../../../node/service/volunteer.ts'
import type { ComputeUnit } from '../../../node/worker/kernel-pool.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import { SEGMENTS_FILE } from './segments.ts'

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: false,
  allowPositionals: true,
  options: {
    home: { type: 'string' },
    federation: { type: 'string' },
    bootstrap: { type: 'string' }
  }
})
const text = (value: string | boolean | undefined): string => String(value ?? '')
const home = text(values.home)

const written =
  (compute: ComputeUnit): ComputeUnit =>
  (unit, options = {}) => {
    const cid = toBlock(unit).cid.toString()
    return compute(unit, {
      ...options,
      onSegment: (ran, blocks) => {
        appendFileSync(
          join(home, SEGMENTS_FILE),
          `${cid} ${process.pid} ${ran.states.length} ${Math.round(performance.now())}\n`
        )
        options.onSegment?.(ran, blocks)
      }
    })
  }

const life = lifetime(new AbortController().signal)
process.once('SIGTERM', life.stop)
const node = await openVolunteer({
  home,
  federation: text(values.federation),
  bootstrap: [text(values.bootstrap)],
  threads: 1,
  onStop: life.stop,
  onDefect: life.stop,
  tamper: { compute: written, keyring: (keyring) => keyring }
})
sayReady({ peerId: node.peerId, addresses: [...node.addresses] })
await untilAborted(life.signal)
await node.stop()
process.exit(0)
