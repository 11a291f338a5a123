/**
 * The two files of a product that people read first: what it holds and how it may be used.
 */
import { fromString } from 'uint8arrays/from-string'
import type { Gap } from '../../../../coordinator/product/gaps.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import type { ProductLayout } from '../layout.ts'
import { endSeconds, gapText, isoTime } from '../zarr/attributes.ts'
import type { FolderFile } from '../zarr/zarr.ts'

/** Where the legal text of the licences that data portals use is kept. */
const LICENSE_TEXTS: Readonly<Record<string, string>> = {
  'CC0-1.0': 'https://creativecommons.org/publicdomain/zero/1.0/legalcode',
  'CC-BY-4.0': 'https://creativecommons.org/licenses/by/4.0/legalcode',
  'CC-BY-SA-4.0': 'https://creativecommons.org/licenses/by-sa/4.0/legalcode',
  'CC-BY-NC-4.0': 'https://creativecommons.org/licenses/by-nc/4.0/legalcode',
  'ODbL-1.0': 'https://opendatacommons.org/licenses/odbl/1-0/',
  'ODC-By-1.0': 'https://opendatacommons.org/licenses/by/1-0/',
  'PDDL-1.0': 'https://opendatacommons.org/licenses/pddl/1-0/'
}

const BEACHING =
  '- `beaching.zarr`: particles stranded and arrived per coastal cell, class and time; the ' +
  'probability of beaching; connectivity of origins and coastal cells.'
const HOTSPOTS =
  '- `hotspots.geojson`: the cells with the highest mean density and the coastal cells with most ' +
  'stranded particles.'

export interface TextInputs {
  readonly layout: ProductLayout
  readonly hasCoast: boolean
  readonly gaps: readonly Gap[]
}

function readme(plan: Plan, { gaps, hasCoast, layout }: TextInputs): string {
  const classes = plan.classes.map(({ name }) => name).join(', ')
  const tracks =
    layout.trajectoryCount === 0
      ? []
      : [
          `- \`trajectories.zarr\`: positions and status of ${layout.trackedCount} particles per ` +
            'member at every output time.'
        ]
  const missing = gaps.map((gap) => `- ${gapText(plan, gap)}`)
  return `${[
    `# ${plan.title}`,
    '',
    `${plan.particleCount} particles (${classes}) in ${plan.memberCount} ensemble member(s), ` +
      `${isoTime(plan.startSeconds)} to ${isoTime(endSeconds(plan))}, output every ` +
      `${plan.outputEverySteps * plan.stepSeconds} s. By ${plan.institution}.`,
    '',
    '- `density.zarr`: particle counts by class, member, time and cell; mean, quantiles and ' +
      'exceedance over members per square kilometre with their confidence; residence times; ' +
      'particles by status.',
    ...(hasCoast ? [BEACHING] : []),
    ...tracks,
    ...(plan.metric === 'flat' ? [] : [HOTSPOTS]),
    '',
    '```python',
    'import xarray as xr',
    'density = xr.open_zarr("density.zarr")',
    'density.particle_density.isel(time=-1).plot()',
    '```',
    '',
    ...(missing.length > 0
      ? ['Not computed, and missing from every count:', '', ...missing, '']
      : []),
    `Kernel \`${plan.kernel}\`, forcing \`${plan.forcing}\`. Equal inputs give this folder ` +
      'again, bit for bit.'
  ].join('\n')}\n`
}

function license(plan: Plan): string {
  const text = LICENSE_TEXTS[plan.license]
  return `${[
    `"${plan.title}" by ${plan.institution}`,
    '',
    `SPDX-License-Identifier: ${plan.license}`,
    ...(text === undefined ? [] : [`License text: ${text}`]),
    ...(plan.attributions.length === 0
      ? []
      : ['', 'Made with these inputs, which must be named:', ''].concat(
          plan.attributions.map((attribution) => `- ${attribution}`)
        ))
  ].join('\n')}\n`
}

/** README.md and LICENSE. */
export const textFiles = (plan: Plan, inputs: TextInputs): FolderFile[] => [
  { path: 'README.md', bytes: fromString(readme(plan, inputs)) },
  { path: 'LICENSE', bytes: fromString(license(plan)) }
]
