/**
 * Mutated data files against the readers: `npm run fuzz:forcing -- [count] [first seed]`. Prints
 * what became of them, the slowest and the memory; ends with 1 when one was not met as it should.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Attack, attack, RESIDENT_BYTES_MAX } from '../test/fuzz/attack.ts'

const count = Number(process.argv[2] ?? 500)
const first = Number(process.argv[3] ?? 1)
const folder = mkdtempSync(join(tmpdir(), 'driftmesh-fuzz-'))
const attacks: Attack[] = []
try {
  for (let seed = first; seed < first + count; seed++) {
    const result = await attack(seed, folder)
    attacks.push(result)
    if (result.defect !== undefined) {
      console.log(`seed ${seed} ${result.source} ${result.how}: ${result.defect}`)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const refused = attacks.filter(({ outcome }) => outcome === 'refused').length
const defects = attacks.filter(({ defect }) => defect !== undefined).length
const slowest = attacks.toSorted((a, b) => b.ms - a.ms)[0]
const residentBytes = process.resourceUsage().maxRSS * 1024
console.log(
  `${attacks.length} files: ${attacks.length - refused} read, ${refused} refused, ` +
    `${defects} defects; slowest ${Math.round(slowest?.ms ?? 0)} ms (seed ${slowest?.seed}, ` +
    `${slowest?.source}); ${Math.round(residentBytes / 2 ** 20)} MiB resident at most`
)
if (defects > 0 || residentBytes > RESIDENT_BYTES_MAX) process.exitCode = 1
