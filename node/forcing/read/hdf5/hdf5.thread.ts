/**
 * The HDF5 thread: the library on files that nobody vouches for. A trap, a hang or a leak of it
 * ends with this thread and not with the node; hdf5-thread.ts watches it.
 */
import { parentPort } from 'node:worker_threads'
import { asStored } from '../data-file.ts'
import { HDF5_MEMORY_BYTES_MAX } from '../limits.ts'
import { pluginFolder } from './filters.ts'
import { MissingFilter, variablesOf } from './hdf5-content.ts'
import type { FromHdf5, ToHdf5 } from './hdf5-messages.ts'
import { buildSandbox } from './sandbox.ts'
import { SlabCache } from './slab-cache.ts'

const port = parentPort
if (port === null) throw new Error('hdf5.thread.ts runs only as a worker thread')

// The library writes its troubles to standard error; they are told by its answers.
const silent = (): boolean => true
process.stdout.write = silent
process.stderr.write = silent

const plugins = pluginFolder()
const { Dataset, File, ready } = await import('h5wasm/node')
const library = await ready
// Without it a missing filter or a broken chunk returns garbage silently.
library.activate_throwing_error_handler()
library.insert_plugin_search_path(plugins, 0)
const sandbox = buildSandbox(plugins, HDF5_MEMORY_BYTES_MAX)

const slabs = new SlabCache()
const files = new Map<number, InstanceType<typeof File>>()
let lastId = 0

const fileOf = (id: number) => {
  const file = files.get(id)
  if (file === undefined) throw new Error(`no open file ${id}`)
  return file
}

function answer(question: ToHdf5): FromHdf5 {
  if (question.kind === 'open') {
    sandbox.allow(question.path)
    const file = new File(question.path, 'r')
    const id = ++lastId
    files.set(id, file)
    return { kind: 'opened', id, variables: variablesOf(file) }
  }
  const file = fileOf(question.id)
  if (question.kind === 'close') {
    slabs.clear()
    files.delete(question.id)
    file.close()
    return { kind: 'closed' }
  }
  const dataset = file.get(question.path)
  if (!(dataset instanceof Dataset)) throw new Error(`${question.path} is no dataset`)
  return { kind: 'values', values: asStored(slabs.read(dataset, question.ranges)) }
}

function failure(cause: unknown): FromHdf5 {
  const reason = innermost(cause)
  return cause instanceof MissingFilter
    ? { kind: 'failed', reason, filter: cause.message }
    : { kind: 'failed', reason }
}

/** HDF5 reports a whole stack; its innermost line says what happened. */
function innermost(cause: unknown): string {
  const lines = String((cause as { message?: unknown } | undefined)?.message ?? cause).split('\n')
  const frames = lines.filter((line) => /^\s*#\d+:/.test(line))
  const last = frames.at(-1) ?? lines[0] ?? ''
  return last.replace(/^.*\(\):\s*/, '').trim()
}

port.on('message', (question: ToHdf5) => {
  let reply: FromHdf5
  try {
    reply = answer(question)
  } catch (cause) {
    reply = failure(cause)
  }
  port.postMessage(reply, reply.kind === 'values' ? [reply.values.buffer as ArrayBuffer] : [])
})
port.postMessage({ kind: 'closed' } satisfies FromHdf5)
