/** The headless browser of the tests, and forecasts served to it by our own gateway. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { writeFolder } from '../../node/forecast/product/folder/unixfs.ts'
import { type Gateway, openGateway } from '../../node/gateway/gateway.ts'
import { openMemoryBlocks } from '../../node/store/memory-blocks.ts'

/** Debian's, or whatever the environment names. */
const CHROMIUM = [process.env.DRIFTMESH_CHROMIUM ?? '', '/usr/bin/chromium'].find(
  (path) => path !== '' && existsSync(path)
)

/** The viewer reads and draws; a busy machine takes its time. */
const READY_MS = 120_000

/** @returns undefined where there is no browser, after saying so */
export async function openChromium(): Promise<Browser | undefined> {
  if (CHROMIUM === undefined) {
    console.log('skipped: no Chromium here (apt-get install chromium, or DRIFTMESH_CHROMIUM)')
    return
  }
  // Root in a container has no sandbox to use; the pages are our own.
  return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

export interface Served {
  readonly gateway: Gateway
  /** Of the folder, with a slash at its end. */
  readonly url: string
}

/** Serves a folder on disk under its CID. */
export async function serveFolder(dir: string): Promise<Served> {
  const blocks = openMemoryBlocks()
  const files = (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const read = async (file: string) => ({ path: relative(dir, file), bytes: await readFile(file) })
  const { cid } = await writeFolder(await Promise.all(files.map(read)), blocks)
  const listenAt = { host: '127.0.0.1', port: 0, orFree: false }
  const gateway = await openGateway({ blocks, listenAt })
  return { gateway, url: `${gateway.url}/ipfs/${cid}/` }
}

/** Waits until the viewer has drawn everything. */
export async function untilComplete(page: Page): Promise<void> {
  await page.waitForSelector('html[data-state]', { state: 'attached', timeout: READY_MS })
  const state = await page.getAttribute('html', 'data-state')
  if (state !== 'complete') throw new Error(`the viewer says: ${await page.textContent('body')}`)
}
