/** Unpacks the built-in coastline in a thread of its own and ends (shoreline.ts). */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parentPort } from 'node:worker_threads'
import { type Topology, unfold } from './topology.ts'

const port = parentPort
if (port === null) throw new Error('shoreline.thread.ts runs only as a worker thread')
/** Beside the chunk in the bundle. */
const file = import.meta.url.endsWith('.mjs')
  ? new URL('./countries-10m.json', import.meta.url)
  : createRequire(import.meta.url).resolve('world-atlas/countries-10m.json')
const shoreline = unfold(JSON.parse(readFileSync(file, 'utf8')) as Topology)
const { segments, isEdge, countryOf } = shoreline
const buffers = [segments.buffer, isEdge.buffer, countryOf.buffer] as ArrayBuffer[]
port.postMessage(shoreline, buffers)
