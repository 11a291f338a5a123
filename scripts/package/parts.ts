/**
 * The packages that a bundle is made of: their licences, as most of them ask for, and the bill of
 * materials (CycloneDX). Taken from what esbuild read, so that it lists what is in the bundle and
 * nothing else: `npm sbom` lists the whole lock file, WebRTC's packages and others that are no part
 * of it.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

export interface Part {
  /** Within the checkout. */
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly licence: string
  /** Subresource integrity of the package's tarball, from the lock file. */
  readonly integrity?: string
}

/** Packages whose files are copied, not bundled. */
const COPIED = ['node_modules/h5wasm-plugins', 'node_modules/world-atlas']

export async function partsOf(root: string, { inputs }: Metafile): Promise<Part[]> {
  const found = Object.keys(inputs).flatMap((file) => {
    const folder = /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)
    return folder === null ? [] : [folder[0]]
  })
  const folders = [...new Set([...found, ...COPIED])].sort()
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')).packages
  return Promise.all(
    folders.map(async (folder) => {
      const { name, version, license } = JSON.parse(
        await readFile(join(root, folder, 'package.json'), 'utf8')
      )
      const { integrity } = lock[folder] ?? {}
      const licence = typeof license === 'string' ? license : (license?.type ?? 'see its text')
      return { folder, name, version, licence, ...(integrity === undefined ? {} : { integrity }) }
    })
  )
}

export async function licencesOf(root: string, parts: readonly Part[]): Promise<string> {
  const texts = await Promise.all(
    parts.map(async ({ folder, name, version, licence }) => {
      const files = await readdir(join(root, folder))
      const named = files.filter((file) => /^(licen[cs]e|copying)/i.test(file))
      const read = await Promise.all(named.map((f) => readFile(join(root, folder, f), 'utf8')))
      return `== ${name} ${version} (${licence})\n\n${read.join('\n')}`
    })
  )
  return texts.join('\n')
}

const hashOf = (integrity: string): { alg: string; content: string } => {
  const [algorithm = '', digest = ''] = integrity.split('-')
  const content = Buffer.from(digest, 'base64').toString('hex')
  return { alg: algorithm.toUpperCase().replace('SHA', 'SHA-'), content }
}

/** @returns the path it was written to */
export async function writeSbom(
  own: { readonly name: string; readonly version: string; readonly license: string },
  parts: readonly Part[],
  out: string
): Promise<string> {
  const purl = (name: string, version: string): string =>
    `pkg:npm/${name.replace('@', '%40')}@${version}`
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: { type: 'application', name: own.name, version: own.version },
      licenses: [{ expression: own.license }]
    },
    components: parts.map(({ name, version, licence, integrity }) => ({
      type: 'library',
      'bom-ref': purl(name, version),
      name,
      version,
      purl: purl(name, version),
      licenses: [{ license: { name: licence } }],
      ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] })
    }))
  }
  await writeFile(out, `${JSON.stringify(bill, null, 2)}\n`)
  return out
}
