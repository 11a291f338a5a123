/**
 * A process that appends to a ledger until it is killed, and says what was appended. Arguments:
 * the folder.
 */
import { openLedger } from '../../node/store/ledger.ts'

const ledger = await openLedger(process.argv[2] ?? '')
for (let index = 0; ; index += 2) {
  const entries = [index, index + 1].map((number) => new TextEncoder().encode(`entry ${number}`))
  await ledger.append(entries)
  process.stdout.write(`${ledger.length}\n`)
}
