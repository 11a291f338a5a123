/**
 * Where the forecast comes from: what the signed manifest says, in words. What is not in it is not
 * claimed.
 */
import type { Forecast } from '../source/forecast.ts'
import { strings } from '../strings.ts'
import { button, element } from './element.ts'

const row = (term: string, ...values: (Node | string)[]): HTMLElement[] => [
  element('dt', {}, term),
  ...values.map((value) => element('dd', {}, value))
]

const list = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
    : []

const code = (value: unknown): HTMLElement => element('code', {}, String(value))

interface Coordinator {
  readonly institution?: string
  readonly key?: string
}

function signers(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return (value as (Coordinator | string)[]).map((each) =>
    typeof each === 'string' ? each : `${each.institution ?? ''} ${each.key?.slice(0, 16) ?? ''}`
  )
}

function operatorsOf(contributions: unknown): string[] {
  const { operators } = (contributions ?? {}) as { operators?: Record<string, number> }
  return Object.entries(operators ?? {}).map(([key, count]) => `${key.slice(0, 16)}… ${count}`)
}

export function provenance({ attributes, manifest }: Forecast): HTMLElement {
  const said = manifest ?? {}
  const inputs = list(said.attributions)
  const gaps = list(attributes.driftmesh_gaps)
  const rows = [
    ...(manifest === undefined ? [] : row(strings.standing, String(said.standing))),
    ...row(strings.institution, String(attributes.institution ?? '')),
    ...row(strings.period, `${attributes.time_coverage_start} – ${attributes.time_coverage_end}`),
    ...(manifest === undefined
      ? []
      : [
          ...row(strings.particles, `${said.particles}`),
          ...row(strings.members, `${said.members}`),
          ...row(strings.coordinators, ...signers(said.coordinators)),
          ...row(strings.computedBy, ...operatorsOf(said.contributions)),
          ...row(strings.plan, code(said.plan)),
          ...row(strings.product, code(said.product))
        ]),
    ...row(strings.kernel, code(attributes.driftmesh_kernel)),
    ...row(strings.forcing, code(attributes.driftmesh_forcing)),
    ...row(strings.inputs, ...(inputs.length > 0 ? inputs : [String(attributes.acknowledgement)])),
    ...row(strings.license, String(attributes.license ?? '')),
    ...row(strings.gaps, ...(gaps.length > 0 ? gaps : [strings.noGaps]))
  ]
  return element(
    'details',
    { class: 'drawer' },
    element('summary', {}, strings.provenance),
    ...(manifest === undefined ? [element('p', {}, strings.unsigned)] : []),
    element('dl', {}, ...rows)
  )
}

/** Files of the folder to take away, by relative links. */
export function downloads({ files }: Forecast): HTMLElement {
  const names: Readonly<Record<string, string>> = strings.files
  const items = files.map((name) =>
    element('li', {}, element('a', { href: `./${name}`, download: true }, names[name] ?? name))
  )
  const summary = element('summary', {}, strings.downloads)
  return element('details', { class: 'drawer' }, summary, element('ul', {}, ...items))
}

/** CID of the folder where the URL names it. */
export const cidOf = (path: string): string | undefined => /\/ipfs\/([a-z0-9]+)/.exec(path)?.[1]

/** A sentence to cite the forecast by, with the CID as its lasting name. */
export function citation({ attributes, title }: Forecast): HTMLElement {
  const year = String(attributes.time_coverage_start ?? '').slice(0, 4)
  const cid = cidOf(location.pathname)
  const name = cid === undefined ? '' : ` ipfs://${cid}`
  const text = `${attributes.institution} (${year}): ${title}. Driftmesh forecast.${name}`
  const copy = button(strings.copy, strings.copy, () => {
    void navigator.clipboard?.writeText(text).then(() => {
      copy.textContent = strings.copied
    })
  })
  const summary = element('summary', {}, strings.cite)
  return element('details', { class: 'drawer' }, summary, element('p', {}, text), copy)
}
