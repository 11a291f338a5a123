/** `pause`, `resume`, `finish` and `contributions`: what a volunteer asks of its own node. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publicKeyOf } from '../../../protocol/signed.ts'
import { openControlClient } from '../../api/control-client.ts'
import { isMeshError, MeshError } from '../../mesh-error.ts'
import {
  type Certificate,
  type Contribution,
  certificateOf,
  contributionOf,
  verifyCertificate
} from '../../service/contribution/certificate.ts'
import { receiptsOf } from '../../service/contribution/receipts.ts'
import { homeFolder, writeAtomically } from '../../service/home.ts'
import { presentFederation } from '../../service/identity/epochs.ts'
import { operatorSecret } from '../../service/identity/keys.ts'
import { parseKey } from '../../service/identity/public-key.ts'
import { openLedger } from '../../store/ledger.ts'
import { refuseExisting } from '../new-file.ts'
import type { Context } from '../program.ts'
import { shortCount } from '../terminal.ts'
import { spanText } from './quantity.ts'

interface HomeFlag {
  readonly home?: string
}

export async function pauseNode(
  flags: HomeFlag & { readonly for?: number },
  { terminal, signal }: Context
): Promise<void> {
  const client = await openControlClient(homeFolder(flags.home, process.env))
  await client.post('/pause', flags.for === undefined ? {} : { forMs: flags.for }, signal)
  const span = flags.for === undefined ? 'until `driftmesh resume`' : `for ${spanText(flags.for)}`
  terminal.say(`paused ${span}; what is computed so far is kept`)
}

export async function resumeNode(flags: HomeFlag, { terminal, signal }: Context): Promise<void> {
  const client = await openControlClient(homeFolder(flags.home, process.env))
  await client.post('/resume', {}, signal)
  terminal.say('resumed')
}

export async function finishNode(flags: HomeFlag, { terminal, signal }: Context): Promise<void> {
  const client = await openControlClient(homeFolder(flags.home, process.env))
  await client.post('/drain', {}, signal)
  terminal.say('finishing: nothing new is taken on, and it stops when all is decided')
}

interface ContributionFlags extends HomeFlag {
  readonly json?: boolean
  readonly certificate?: string
  readonly federation?: string
}

interface Contributed {
  readonly contribution: Contribution
  readonly certificate: Certificate
}

/** From the running node, else from the records of its home. */
async function contributed(flags: ContributionFlags, signal: AbortSignal): Promise<Contributed> {
  const home = homeFolder(flags.home, process.env)
  try {
    const client = await openControlClient(home)
    return await client.get<Contributed>('/contributions', signal)
  } catch (error) {
    if (!isMeshError(error, 'node/unreachable') || flags.federation === undefined) throw error
  }
  const federation = await presentFederation(flags.federation, home)
  const operator = publicKeyOf(await operatorSecret(home))
  const ledger = await openLedger(join(home, 'records'))
  try {
    const receipts = await receiptsOf(ledger)
    const { contribution } = contributionOf(federation, operator, receipts)
    return { contribution, certificate: certificateOf(federation.envelope, operator, receipts) }
  } finally {
    await ledger.close()
  }
}

function contributionLines(contribution: Contribution): string[] {
  const { units, particleSteps, from, to, institutions, operator, network } = contribution
  const span = from === undefined ? '' : `, from ${from} to ${to}`
  return [
    `${units} verified units, ${shortCount(particleSteps)} particle-steps in ${network}${span}`,
    `operator ${operator}`,
    ...Object.entries(institutions).map(([name, count]) => `  ${count} signed by ${name}`)
  ]
}

export async function showContributions(
  flags: ContributionFlags,
  { terminal, signal }: Context
): Promise<void> {
  if (flags.certificate !== undefined) await refuseExisting(flags.certificate)
  const { contribution, certificate } = await contributed(flags, signal)
  if (flags.certificate !== undefined) {
    await writeAtomically(flags.certificate, `${JSON.stringify(certificate, null, 2)}\n`)
    terminal.say(`certificate written to ${flags.certificate}; anybody can check it without a`)
    terminal.say(`network: driftmesh contributions verify ${flags.certificate} --root-key KEY`)
  }
  if (flags.json) terminal.json(contribution)
  else for (const line of contributionLines(contribution)) terminal.answer(line)
}

export async function checkCertificate(
  file: string,
  flags: { readonly rootKey?: string; readonly json?: boolean },
  { terminal }: Context
): Promise<void> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new MeshError('verify/mismatch', `${file} is no certificate`, { cause })
  }
  const rootKey = flags.rootKey === undefined ? undefined : parseKey(flags.rootKey)
  const { contribution, roots } = verifyCertificate(json, rootKey)
  if (flags.json) {
    terminal.json({ valid: true, roots, ...contribution })
    return
  }
  terminal.answer('valid: every receipt is signed by a coordinator of its federation')
  for (const line of contributionLines(contribution)) terminal.answer(line)
  if (rootKey === undefined) {
    terminal.say(`its roots are ${roots.join(', ')}: pass the one you trust as --root-key`)
  }
}
