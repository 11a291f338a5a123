/**
 * Makes the forecast folder: the product plus `forecast.json` and `provenance/`. Nothing in it
 * comes from a clock or from this machine, so the same signed inputs give the same forecast CID;
 * a reader rebuilds it to check every byte.
 */
import type { CID } from 'multiformats/cid'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { decode, encode } from '../../../../protocol/canonical.ts'
import type { Federation } from '../../../../protocol/federation.ts'
import { type Cosignature, forecastBody } from '../../../../protocol/message/forecast.ts'
import type { Plan } from '../../../../protocol/plan.ts'
import { ShapeError } from '../../../../protocol/shape.ts'
import type { Authentic } from '../../../../protocol/signed.ts'
import { attestationBlocks } from '../../../../protocol/units.ts'
import type { Blocks } from '../../../store/blocks.ts'
import type { AssembledProduct } from '../assemble.ts'
import { addToFolder } from '../folder/add-to-folder.ts'
import { canonicalJson } from '../folder/canonical-json.ts'
import { unitName } from '../results.ts'
import { endSeconds, isoTime } from '../zarr/attributes.ts'
import { FORMULAS } from '../zarr/density-arrays.ts'
import type { FolderFile } from '../zarr/zarr.ts'
import {
  type OpenedForecast,
  openForecast,
  type SignedForecast,
  type Standing
} from './evidence.ts'
import { hex, mismatch, type OpenedVerdict } from './verdict-evidence.ts'

/** Files of the units table: `table.cbor` links the chunks `0.cbor`, `1.cbor` … */
export const UNITS_FOLDER = 'provenance/units'
/** Attestations of the verdicts in the units table: `0.cbor`, `1.cbor` … */
export const ATTESTATIONS_FOLDER = 'provenance/attestations'

export interface ForecastFolderInput extends SignedForecast {
  /** Canonical bytes of the plan. */
  readonly plan: Uint8Array
  readonly assembled: AssembledProduct
  readonly blocks: Blocks
  readonly signal?: AbortSignal
}

export interface ForecastFolder {
  readonly forecast: CID
  readonly standing: Standing
  /** CID of every file beside the product, by path. */
  readonly files: ReadonlyMap<string, CID>
}

const base64 = (bytes: Uint8Array): string => bytesToString(bytes, 'base64pad')

/** Who did how much, for people: everything here also follows from the signed parts. */
function contributions(verdicts: readonly OpenedVerdict[]) {
  const operators: Record<string, number> = {}
  const replicas = { agreeing: 0, dissenting: 0, faulty: 0 }
  for (const { verdict } of verdicts) {
    replicas.agreeing += verdict.agreeing.length
    replicas.dissenting += verdict.dissenting.length
    replicas.faulty += verdict.faulty.length
    for (const { operator } of verdict.agreeing) {
      operators[hex(operator)] = (operators[hex(operator)] ?? 0) + 1
    }
  }
  return { unitCount: verdicts.length, operators, replicas }
}

const unitRow = ({ verdict }: OpenedVerdict) => ({
  name: unitName(verdict.slot),
  unit: verdict.unit.toString(),
  result: verdict.result.toString(),
  fuel: verdict.fuel,
  agreeing: verdict.agreeing.map(({ operator }) => hex(operator)).sort(),
  dissenting: verdict.dissenting.map(({ operator }) => hex(operator)).sort(),
  faulty: verdict.faulty.map(({ fault, operator }) => ({ operator: hex(operator), fault }))
})

const coordinatorRow = (federation: Federation) => (said: Authentic<Cosignature>) => ({
  key: hex(said.signer),
  institution:
    federation.coordinators.find(({ key }) => hex(key) === hex(said.signer))?.institution ?? '',
  recomputed: said.body.recomputed.map(unitName)
})

function readableCopy(plan: Plan, assembled: AssembledProduct) {
  const products = Object.entries(assembled.products).map(([name, { cid, path }]) => [
    name,
    { path, cid: cid.toString() }
  ])
  return {
    name: plan.name,
    title: plan.title,
    institution: plan.institution,
    license: plan.license,
    attributions: plan.attributions,
    kernel: plan.kernel.toString(),
    forcing: plan.forcing.toString(),
    start: isoTime(plan.startSeconds),
    end: isoTime(endSeconds(plan)),
    stepSeconds: plan.stepSeconds,
    outputSeconds: plan.outputEverySteps * plan.stepSeconds,
    members: plan.memberCount,
    products: Object.fromEntries(products),
    formulas: FORMULAS,
    sha256: assembled.contents,
    status: assembled.status,
    particles: assembled.particles,
    particleSteps: assembled.particleSteps
  }
}

/** forecast.json and provenance/. */
function forecastFiles(opened: OpenedForecast, assembled: AssembledProduct): FolderFile[] {
  const { body, cosignatures, federation, plan, standing, units, verdicts } = opened
  const json = {
    kind: 'driftmesh/forecast/v1',
    ...readableCopy(plan, assembled),
    standing,
    signaturesNeeded: federation.body.signaturesNeeded,
    plan: body.plan.toString(),
    product: body.product.toString(),
    units: body.units.toString(),
    federation: body.federation.toString(),
    version: body.version,
    gaps: body.gaps.map(unitName),
    coordinators: cosignatures.map(coordinatorRow(federation.body)),
    contributions: contributions(verdicts),
    signed: {
      body: base64(encode(body)),
      cosignatures: cosignatures.map(({ envelope }) => base64(envelope)),
      federation: base64(federation.envelope)
    }
  }
  const table = units.map(({ bytes }, index) => ({
    path: `${UNITS_FOLDER}/${index === 0 ? 'table' : index - 1}.cbor`,
    bytes
  }))
  const attested = attestationBlocks(opened.attestations).map(({ bytes }, index) => ({
    path: `${ATTESTATIONS_FOLDER}/${index}.cbor`,
    bytes
  }))
  return [
    { path: 'forecast.json', bytes: canonicalJson(json) },
    { path: 'provenance/units.json', bytes: canonicalJson(verdicts.map(unitRow)) },
    { path: 'provenance/plan.cbor', bytes: opened.planBytes },
    { path: 'provenance/federation.cbor', bytes: federation.envelope },
    ...table,
    ...attested
  ]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const unbase64 = (value: unknown, path: string): Uint8Array => {
  if (typeof value !== 'string') throw new ShapeError(path, 'must be base64')
  try {
    return fromString(value, 'base64pad')
  } catch {
    throw new ShapeError(path, 'must be base64')
  }
}

/**
 * The signed parts of a forecast.json.
 * @throws ShapeError when it is none
 */
export function readSignedParts(
  json: Uint8Array
): Omit<SignedForecast, 'verdicts' | 'attestations'> {
  let value: unknown
  try {
    value = JSON.parse(bytesToString(json))
  } catch {
    throw new ShapeError('', 'is not JSON')
  }
  const signed = isObject(value) ? value.signed : undefined
  if (!isObject(signed)) throw new ShapeError('signed', 'is missing')
  const { cosignatures } = signed
  if (!Array.isArray(cosignatures)) throw new ShapeError('signed.cosignatures', 'must be a list')
  return {
    body: decode(forecastBody, unbase64(signed.body, 'signed.body')),
    cosignatures: cosignatures.map((envelope) => unbase64(envelope, 'signed.cosignatures')),
    federation: unbase64(signed.federation, 'signed.federation')
  }
}

/** Writes the folder of a forecast whose parts were opened and agree. */
export async function writeForecastFolder(
  opened: OpenedForecast,
  assembled: AssembledProduct,
  blocks: Blocks,
  signal?: AbortSignal
): Promise<ForecastFolder> {
  const { body, standing } = opened
  if (!assembled.product.equals(body.product)) {
    throw mismatch('product', 'is another than was signed', assembled.product, body.product)
  }
  const extras = forecastFiles(opened, assembled)
  const { cid, files } = await addToFolder(assembled.product, extras, blocks, signal)
  return { forecast: cid, standing, files }
}

/**
 * Writes the forecast folder into `blocks`, where the assembled product already is.
 * @throws MeshError verify/mismatch when the signed parts do not fit each other
 */
export async function buildForecastFolder(input: ForecastFolderInput): Promise<ForecastFolder> {
  const opened = await openForecast(input, input.plan, { signal: input.signal })
  return await writeForecastFolder(opened, input.assembled, input.blocks, input.signal)
}
