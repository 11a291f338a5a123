/** Writes the tables of the simulator into coordinator/README.md, between its markers. */
import { readFileSync, writeFileSync } from 'node:fs'
import { upperBound95 } from '../../test/sim/stats/bounds.ts'
import type { CampaignCount } from '../../test/sim/stats/campaign.ts'
import { judge } from '../../test/sim/threats/judge.ts'
import { THREATS } from '../../test/sim/threats/threats.ts'

const README = new URL('../../coordinator/README.md', import.meta.url)

function put(name: string, lines: readonly string[]): void {
  const text = readFileSync(README, 'utf8')
  const [start, end] = [`<!-- sim:${name} -->`, `<!-- /sim:${name} -->`]
  const [before, rest] = text.split(start)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`no marker ${start}`)
  writeFileSync(README, `${before}${start}\n${lines.join('\n')}\n${end}${after}`)
}

type Line = CampaignCount & { readonly name: string; readonly cpuMs: number }

const share = (value: number): string => `${(value * 100).toFixed(3)} %`

function colluders(file: string): readonly string[] {
  const rows = new Map<string, Line[]>()
  for (const text of readFileSync(file, 'utf8').trim().split('\n')) {
    const line = JSON.parse(text) as Line
    rows.set(line.name, [...(rows.get(line.name) ?? []), line])
  }
  const head = [
    '| colluders | variant | units | executions per unit | wrong at publication | ' +
      'wrong at the end | 95 % bound | gaps | identities used | honest convicted |',
    '|---|---|---|---|---|---|---|---|---|---|'
  ]
  const body = [...rows].map(([name, lines]) => {
    const sum = (of: (line: Line) => number): number => lines.reduce((all, one) => all + of(one), 0)
    const units = sum((line) => line.units)
    const wrong = sum((line) => line.wrongAtEnd)
    const perUnit = (sum((line) => line.executions) / units).toFixed(3)
    return `| ${[
      name,
      units,
      perUnit,
      sum((line) => line.wrongAtPublication),
      wrong,
      share(upperBound95(wrong, units)),
      sum((line) => line.failed),
      sum((line) => line.identities),
      sum((line) => line.honestConvictions)
    ].join(' | ')} |`
  })
  return [...head, ...body]
}

function threats(): readonly string[] {
  const rows = THREATS.map((threat) => {
    const { without, with: ruled } = judge(threat)
    const alone = threat.alone === undefined ? '' : ` (off in both: ${threat.alone.join(', ')})`
    return `| ${threat.name} | ${threat.rule}${alone} | ${without} ${threat.harm} | ${ruled} |`
  })
  return ['| threat | rule | result without | result with |', '|---|---|---|---|', ...rows]
}

const [what = '', file = ''] = process.argv.slice(2)
put(what, what === 'threats' ? threats() : colluders(file))
