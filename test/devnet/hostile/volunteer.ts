/** A volunteer that is the real one but for what `--behaviour` makes of it. */
import { parseArgs } from 'node:util'
import { lifetime, sayReady, untilAborted } from '../../../node/service/parent.ts'
import { openVolunteer } from '../../../node/service/volunteer.ts'
import { copy, leak, replay } from './friends.ts'
import * as lies from './lies.ts'

const { values } = parseArgs({
  args: process.argv.slice(2),
  strict: false,
  allowPositionals: true,
  options: {
    home: { type: 'string' },
    federation: { type: 'string' },
    bootstrap: { type: 'string' },
    behaviour: { type: 'string' },
    shared: { type: 'string' }
  }
})
const text = (value: string | boolean | undefined): string => String(value ?? '')
const shared = text(values.shared)
const tampers = { ...lies, leak: leak(shared), copy: copy(shared), replay: replay(shared) }
const tamper = tampers[values.behaviour as Exclude<keyof typeof tampers, 'fabricate'>]
if (tamper === undefined) throw new Error(`no behaviour ${values.behaviour}`)
const life = lifetime(new AbortController().signal)
process.once('SIGTERM', life.stop)
const node = await openVolunteer({
  home: text(values.home),
  federation: text(values.federation),
  bootstrap: [text(values.bootstrap)],
  threads: 1,
  onStop: life.stop,
  onDefect: life.stop,
  tamper
})
sayReady({ peerId: node.peerId, addresses: [...node.addresses] })
await untilAborted(life.signal)
await node.stop()
process.exit(0)
