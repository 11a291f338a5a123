/** Starts the viewer on the folder that the page lies in. Nothing is read from anywhere else. */
import { Viewer } from './app.ts'
import { decodeLand } from './map/land.ts'
import { openForecast } from './source/forecast.ts'
import { unzipped } from './source/zarr.ts'
import { strings } from './strings.ts'
import { element } from './ui/element.ts'

const FOLDER = new URL('.', location.href)

async function read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const response = await fetch(new URL(path, FOLDER))
  if (response.status === 404) return
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return new Uint8Array(await response.arrayBuffer())
}

const exists = async (path: string): Promise<boolean> =>
  (await fetch(new URL(path, FOLDER), { method: 'HEAD' })).ok

async function start(): Promise<void> {
  document.body.replaceChildren(element('p', { role: 'status' }, strings.loading))
  try {
    const landFile = read('view/land.gz')
    const known = Object.keys(strings.files)
    const viewer = new Viewer(await openForecast(read, exists, known, strings), document.body)
    await viewer.start()
    performance.mark('driftmesh:first-frame')
    const land = await landFile
    if (land !== undefined) viewer.setLand(decodeLand(new Uint8Array(await unzipped(land))))
    performance.mark('driftmesh:complete')
    document.documentElement.dataset.state = 'complete'
  } catch (error) {
    const message = `${strings.failed}: ${error instanceof Error ? error.message : String(error)}`
    document.body.replaceChildren(element('p', { role: 'alert' }, message))
    document.documentElement.dataset.state = 'failed'
  }
}

void start()
