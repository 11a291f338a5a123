/**
 * `ro-crate-metadata.json`: RO-Crate 1.1 with the Process Run Crate profile: which software made
 * which files from which inputs. Dates are the plan's: the folder knows no clock.
 */
import type { Plan } from '../../../../protocol/plan.ts'
import { canonicalJson } from '../folder/canonical-json.ts'
import type { DescribedItem } from '../folder/digests.ts'
import { LICENSE_TEXTS } from '../folder/texts.ts'
import { isoTime } from '../zarr/attributes.ts'
import type { FolderFile } from '../zarr/zarr.ts'

const PROFILE = 'https://w3id.org/ro/wfrun/process/0.5'
const RO_CRATE = 'https://w3id.org/ro/crate/1.1'

const ipfs = (cid: { toString(): string }): string => `ipfs://${cid}`
const to = (id: string) => ({ '@id': id })
/** RO-Crate ends the ids of folders with a slash. */
const idOf = ({ isFolder, path }: DescribedItem): string => (isFolder ? `${path}/` : path)

function itemEntity(item: DescribedItem) {
  const { cid, digest, isFolder, mediaType, title } = item
  return {
    '@id': idOf(item),
    '@type': isFolder ? 'Dataset' : 'File',
    name: item.path,
    description: title,
    encodingFormat: mediaType,
    identifier: ipfs(cid),
    ...(digest === undefined ? {} : { contentSize: String(digest.byteCount) })
  }
}

function rootEntity(plan: Plan, items: readonly DescribedItem[], hasAgent: boolean) {
  const license = LICENSE_TEXTS[plan.license]
  return {
    '@id': './',
    '@type': 'Dataset',
    name: plan.title,
    identifier: plan.name,
    description: `Drift forecast from ${isoTime(plan.startSeconds)} by ${plan.institution}`,
    datePublished: isoTime(plan.startSeconds),
    license: license === undefined ? to('LICENSE') : to(license),
    conformsTo: to(PROFILE),
    hasPart: items.map((item) => to(idOf(item))),
    mentions: to('#run'),
    ...(hasAgent ? { publisher: to('#institution') } : {})
  }
}

export function roCrateFile(plan: Plan, items: readonly DescribedItem[]): FolderFile {
  const hasAgent = plan.institution !== ''
  const license = LICENSE_TEXTS[plan.license]
  const [kernel, forcing] = [ipfs(plan.kernel), ipfs(plan.forcing)]
  const data = items.filter(({ roles }) => !roles.includes('metadata'))
  const graph = [
    {
      '@id': 'ro-crate-metadata.json',
      '@type': 'CreativeWork',
      about: to('./'),
      conformsTo: to(RO_CRATE)
    },
    rootEntity(plan, items, hasAgent),
    { '@id': PROFILE, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
    {
      '@id': '#run',
      '@type': 'CreateAction',
      name: `Drift of ${plan.particleCount} particles in ${plan.memberCount} member(s)`,
      instrument: to(kernel),
      object: to(forcing),
      result: data.map((item) => to(idOf(item))),
      ...(hasAgent ? { agent: to('#institution') } : {})
    },
    {
      '@id': kernel,
      '@type': 'SoftwareApplication',
      name: 'Driftmesh kernel',
      version: plan.kernel.toString(),
      url: kernel
    },
    {
      '@id': forcing,
      '@type': 'Dataset',
      name: 'Forcing',
      description: 'Ocean model fields that move the particles',
      creditText: plan.attributions.join('; ')
    },
    ...(hasAgent
      ? [{ '@id': '#institution', '@type': 'Organization', name: plan.institution }]
      : []),
    ...(license === undefined
      ? []
      : [{ '@id': license, '@type': 'CreativeWork', name: plan.license }]),
    ...items.map(itemEntity)
  ]
  const crate = { '@context': `${RO_CRATE}/context`, '@graph': graph }
  return { path: 'ro-crate-metadata.json', bytes: canonicalJson(crate) }
}
