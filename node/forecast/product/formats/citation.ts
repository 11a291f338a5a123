/** `CITATION.cff` (Citation File Format 1.2.0): how to cite the forecast. */
import { fromString } from 'uint8arrays/from-string'
import type { Plan } from '../../../../protocol/plan.ts'
import { LICENSE_TEXTS } from '../folder/texts.ts'
import { isoTime } from '../zarr/attributes.ts'
import type { FolderFile } from '../zarr/zarr.ts'

/** A double-quoted scalar of YAML is a string of JSON. */
const quoted = (text: string): string => JSON.stringify(text)

export function citationFile(plan: Plan): FolderFile {
  const institution = plan.institution === '' ? 'Driftmesh' : plan.institution
  const inputs = plan.attributions.map((attribution) =>
    [
      `  - type: data`,
      `    title: ${quoted(attribution)}`,
      `    authors:`,
      `      - name: ${quoted(attribution)}`
    ].join('\n')
  )
  const lines = [
    'cff-version: 1.2.0',
    'message: "Please cite this forecast by its title and the CID of its folder."',
    'type: dataset',
    `title: ${quoted(plan.title)}`,
    'authors:',
    `  - name: ${quoted(institution)}`,
    // The plan's own date: the folder knows no clock.
    `date-released: ${quoted(isoTime(plan.startSeconds).slice(0, 10))}`,
    ...(LICENSE_TEXTS[plan.license] === undefined ? [] : [`license: ${quoted(plan.license)}`]),
    'identifiers:',
    '  - type: other',
    `    value: ${quoted(`ipfs://${plan.forcing}`)}`,
    '    description: "Forcing that the forecast was computed from"',
    ...(inputs.length === 0 ? [] : ['references:', ...inputs])
  ]
  return { path: 'CITATION.cff', bytes: fromString(`${lines.join('\n')}\n`) }
}
