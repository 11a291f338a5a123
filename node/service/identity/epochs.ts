/**
 * Manifests of later epochs. A running node takes one that enough of its roots signed from topic
 * `control`, keeps it in its home and goes by it from its next start: owners of plans under way
 * must not change while they run.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { admitManifest } from '../../../protocol/admission.ts'
import { ShapeError } from '../../../protocol/shape.ts'
import { followsManifest, type OpenedFederation, openFederation } from '../../../protocol/signed.ts'
import { scaledTimers } from '../../../protocol/timers.ts'
import type { Net } from '../../net/net.ts'
import type { Log } from '../../telemetry/log.ts'
import { readFederation } from '../federation-file.ts'
import { writeAtomically } from '../home.ts'

const fileOf = (home: string): string => join(home, 'federation.cbor')

/** The manifest kept in a home, if it follows the one of the file. */
async function keptAfter(
  home: string,
  present: OpenedFederation
): Promise<OpenedFederation | undefined> {
  const bytes = await readFile(fileOf(home)).catch(() => undefined)
  if (bytes === undefined) return undefined
  try {
    const kept = openFederation(new Uint8Array(bytes))
    return followsManifest(kept, present.body) ? kept : undefined
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

/**
 * The manifest to go by: the file's, or a later one that was taken while the node ran.
 * @throws MeshError config/invalid as readFederation does
 */
export async function presentFederation(
  file: string,
  home: string,
  rootKey?: Uint8Array
): Promise<OpenedFederation> {
  const given = await readFederation(file, rootKey)
  return (await keptAfter(home, given)) ?? given
}

/** Everybody who joined has the first manifest. */
const FIRST_EPOCH = 1

interface EpochDeps {
  readonly net: Net
  readonly log: Log
  readonly home: string
  readonly federation: OpenedFederation
}

/** Takes later manifests from topic `control`. @returns the latest, to be told to others */
export function watchEpochs({ net, log, home, federation }: EpochDeps): () => Uint8Array {
  let latest = federation
  const admitted = new WeakMap<Uint8Array, OpenedFederation>()
  net.listen(
    'control',
    (bytes) => {
      const judged = admitManifest(bytes, latest.body)
      if (judged.action === 'accept') admitted.set(bytes, judged.said)
      return judged.action
    },
    (bytes) => {
      const next = admitted.get(bytes)
      if (next === undefined || !followsManifest(next, latest.body)) return
      latest = next
      const { epoch } = next.body
      writeAtomically(fileOf(home), next.envelope).then(
        () => log.warn('federation.epoch', { epoch, from: 'next start' }),
        (error: unknown) => log.error('federation.epoch-lost', { epoch, reason: String(error) })
      )
    }
  )
  return () => latest.envelope
}

/** A coordinator repeats the manifest of a later epoch, for newcomers. @returns what ends it */
export function tellEpoch({
  net,
  log,
  federation,
  latestManifest
}: Pick<EpochDeps, 'net' | 'log' | 'federation'> & {
  readonly latestManifest: () => Uint8Array
}): () => void {
  const tell = (): void => {
    const manifest = latestManifest()
    if (openFederation(manifest).body.epoch === FIRST_EPOCH) return
    net
      .publish('control', manifest)
      .catch((error: unknown) => log.debug('gossip.failed', { reason: String(error) }))
  }
  const timer = setInterval(tell, scaledTimers(federation.body).announceMs)
  return () => clearInterval(timer)
}
