/**
 * The two files of a product that people read first: what it holds and how it may be used.
 */
import { fromString } from 'uint8arrays/from-string'
import type { Gap } from '../../../../coordinator/product/gaps.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { endSeconds, gapText, isoTime } from '../zarr/attributes.ts'
import type { FolderFile } from '../zarr/zarr.ts'
import type { FolderItem } from './catalogue.ts'

/** Where the legal text of the licences that data portals use is kept. */
export const LICENSE_TEXTS: Readonly<Record<string, string>> = {
  'CC0-1.0': 'https://creativecommons.org/publicdomain/zero/1.0/legalcode',
  'CC-BY-4.0': 'https://creativecommons.org/licenses/by/4.0/legalcode',
  'CC-BY-SA-4.0': 'https://creativecommons.org/licenses/by-sa/4.0/legalcode',
  'CC-BY-NC-4.0': 'https://creativecommons.org/licenses/by-nc/4.0/legalcode',
  'ODbL-1.0': 'https://opendatacommons.org/licenses/odbl/1-0/',
  'ODC-By-1.0': 'https://opendatacommons.org/licenses/by/1-0/',
  'PDDL-1.0': 'https://opendatacommons.org/licenses/pddl/1-0/'
}

function readme(plan: Plan, items: readonly FolderItem[], gaps: readonly Gap[]): string {
  const classes = plan.classes.map(({ name }) => name).join(', ')
  const missing = gaps.map((gap) => `- ${gapText(plan, gap)}`)
  return `${[
    `# ${plan.title}`,
    '',
    `${plan.particleCount} particles (${classes}) in ${plan.memberCount} ensemble member(s), ` +
      `${isoTime(plan.startSeconds)} to ${isoTime(endSeconds(plan))}, output every ` +
      `${plan.outputEverySteps * plan.stepSeconds} s. By ${plan.institution}.`,
    '',
    ...items.map(({ path, title }) => `- \`${path}\`: ${title}.`),
    '',
    '```python',
    'import xarray as xr',
    'density = xr.open_zarr("density.zarr")',
    'density.particle_density.isel(time=-1).plot()  # with density.confidence beside it',
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
export const textFiles = (
  plan: Plan,
  items: readonly FolderItem[],
  gaps: readonly Gap[]
): FolderFile[] => [
  { path: 'README.md', bytes: fromString(readme(plan, items, gaps)) },
  { path: 'LICENSE', bytes: fromString(license(plan)) }
]
