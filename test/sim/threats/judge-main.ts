/** Judges all threats, with the fast encoding that this program is started with; a line each. */
import { judge } from './judge.ts'
import { THREATS } from './threats.ts'

for (const threat of THREATS) {
  process.stdout.write(`${JSON.stringify({ rule: threat.rule, ...judge(threat) })}\n`)
}
