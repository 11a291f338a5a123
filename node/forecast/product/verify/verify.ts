/**
 * Checks a forecast with nothing but the federation's root key: signatures, verdicts, every byte
 * of the product, and results by re-execution. The first disagreement ends it with both CIDs.
 */
import type { CID } from 'multiformats/cid'
import type { Kernel } from '../../../../kernel/kernel.ts'
import { decode } from '../../../../protocol/canonical.ts'
import { attestationsChunk, unitsChunk } from '../../../../protocol/units.ts'
import type { Blocks } from '../../../store/blocks.ts'
import type { ComputeUnit } from '../../../worker/kernel-pool.ts'
import { type OpenedForecast, openForecast } from '../evidence/evidence.ts'
import { ATTESTATIONS_FOLDER, readSignedParts, UNITS_FOLDER } from '../evidence/manifest.ts'
import { hex } from '../evidence/verdict-evidence.ts'
import { listFolder, readFolderFile } from '../folder/folder.ts'
import { naming } from '../naming.ts'
import { unitName } from '../results.ts'
import { checkFiles } from './files.ts'
import { reexecute } from './reexecute.ts'
import { checkUnits } from './units.ts'

export type VerifyScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'sample'; readonly fraction: number }
  /** `member/block/window` */
  | { readonly kind: 'unit'; readonly id: string }

interface VerifyProgress {
  readonly phase: 'signatures' | 'units' | 'product' | 'files' | 'reexecution'
  readonly done: number
  readonly total: number
}

export interface VerifyInput {
  readonly cid: CID
  readonly blocks: Blocks
  readonly rootKey: Uint8Array
  readonly kernel: Pick<Kernel, 'rowAreasKm2'>
  readonly compute: ComputeUnit
  readonly scope: VerifyScope
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: VerifyProgress) => void
}

/** JSON-able: what was checked. */
export interface VerifyReport {
  readonly forecast: string
  readonly product: string
  readonly plan: string
  readonly units: number
  readonly reexecuted: readonly string[]
  /** Hex public keys. */
  readonly operators: readonly string[]
  readonly coordinators: readonly string[]
  /** Signatures checked, all kinds. */
  readonly signatures: number
  readonly singleSource: boolean
  /** `member/block/window` of each slot the product lacks. */
  readonly gaps: readonly string[]
  readonly files: number
  readonly seconds: number
}

type Report = (phase: VerifyProgress['phase']) => (done: number, total: number) => void

/** Verdict envelopes of a forecast folder, in the order of the units table. */
async function readVerdicts(cid: CID, blocks: Blocks, signal?: AbortSignal) {
  const folder = await readFolderEntry(cid, UNITS_FOLDER, blocks, signal)
  const count = folder.filter(({ name }) => name !== 'table.cbor').length
  const verdicts: Uint8Array[] = []
  for (let index = 0; index < count; index += 1) {
    const path = `${UNITS_FOLDER}/${index}.cbor`
    const bytes = await readFolderFile(cid, path, blocks, signal)
    verdicts.push(...(await naming(path, () => decode(unitsChunk, bytes).verdicts)))
  }
  return verdicts
}

/** Attestation envelopes of a forecast folder; one of a single source has none. */
async function readAttestations(cid: CID, blocks: Blocks, signal?: AbortSignal) {
  const folder = await readFolderEntry(cid, ATTESTATIONS_FOLDER, blocks, signal)
  const attestations: Uint8Array[] = []
  for (const index of folder.keys()) {
    const path = `${ATTESTATIONS_FOLDER}/${index}.cbor`
    const bytes = await readFolderFile(cid, path, blocks, signal)
    attestations.push(...(await naming(path, () => decode(attestationsChunk, bytes).attestations)))
  }
  return attestations
}

async function readFolderEntry(cid: CID, path: string, blocks: Blocks, signal?: AbortSignal) {
  let folder = cid
  for (const name of path.split('/')) {
    const entries = await listFolder(folder, blocks, signal)
    const entry = entries.find((one) => one.name === name)
    if (entry === undefined) return []
    folder = entry.cid
  }
  return await listFolder(folder, blocks, signal)
}

async function readForecast(input: VerifyInput, report: Report): Promise<OpenedForecast> {
  const { blocks, cid, rootKey, signal } = input
  const json = await readFolderFile(cid, 'forecast.json', blocks, signal)
  const parts = await naming('forecast.json', () => readSignedParts(json))
  const planBytes = await readFolderFile(cid, 'provenance/plan.cbor', blocks, signal)
  const verdicts = await readVerdicts(cid, blocks, signal)
  const attestations = await readAttestations(cid, blocks, signal)
  return await openForecast({ ...parts, verdicts, attestations }, planBytes, {
    rootKey,
    signal,
    onVerdict: report('signatures')
  })
}

/**
 * Verifies a forecast.
 * @throws MeshError verify/mismatch naming the file or unit and both CIDs, net/block-missing naming
 *   what is gone, cli/usage for a unit the forecast does not have
 */
export async function verifyForecast(input: VerifyInput): Promise<VerifyReport> {
  const { blocks, cid, kernel, signal } = input
  const startedAtMs = performance.now()
  const report: Report = (phase) => (done, total) => input.onProgress?.({ phase, done, total })
  const forecast = await readForecast(input, report)
  const units = await checkUnits(forecast, { blocks, signal, onUnit: report('units') })
  const files = await checkFiles({
    cid,
    forecast,
    slots: units.map(({ slot }) => slot),
    blocks,
    kernel,
    signal,
    onFile: report('files'),
    onSegment: report('product')
  })
  const onUnit = report('reexecution')
  const reexecuted = await reexecute(units, input.scope, input.compute, { signal, onUnit })
  const operators = forecast.verdicts.flatMap(({ verdict }) =>
    verdict.agreeing.map(({ operator }) => hex(operator))
  )
  return {
    forecast: cid.toString(),
    product: forecast.body.product.toString(),
    plan: forecast.body.plan.toString(),
    units: units.length,
    reexecuted,
    operators: [...new Set(operators)].sort(),
    coordinators: forecast.cosignatures.map(({ signer }) => hex(signer)),
    signatures: forecast.signatureCount,
    singleSource: forecast.standing === 'single-source',
    gaps: forecast.body.gaps.map(unitName),
    files,
    seconds: (performance.now() - startedAtMs) / 1000
  }
}
