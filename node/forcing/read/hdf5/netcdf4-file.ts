/**
 * NetCDF-4 and plain HDF5 files through h5wasm, which reads pieces of the file from disk as they
 * are asked for, in a thread of its own.
 */
import { realpath } from 'node:fs/promises'
import { type DataFile, type DataVariable, type Range, unreadable } from '../data-file.ts'
import type { StoredVariable } from './hdf5-messages.ts'
import { Hdf5Error, Hdf5Thread } from './hdf5-thread.ts'

/** One for the process: starting it takes as long as reading a dozen small files. */
const shared = new Hdf5Thread()

/** Gives the library's memory back: files are opened again when they are read again. */
export const releaseHdf5 = (): Promise<void> => shared.release()

export async function openNetcdf4(file: string, thread = shared): Promise<DataFile> {
  const path = await realpath(file)
  let opened: { readonly id: number; readonly generation: number } | undefined
  let stored: readonly StoredVariable[] = []
  /** A file that the library hung on once is not tried again. */
  let hung: Hdf5Error | undefined
  /** Opens the file, again where the thread was replaced because of another one. */
  const idOf = async (): Promise<number> => {
    if (opened?.generation === thread.generation) return opened.id
    const { id, variables } = await asking(file, 'is broken or cut off', () =>
      thread.ask('opened', { kind: 'open', path })
    )
    stored = variables
    opened = { id, generation: thread.generation }
    return id
  }
  await idOf()
  const paths = new Map(stored.map((entry) => [entry.variable.name, entry.path]))
  const variables = new Map(
    stored.map(({ variable }): [string, DataVariable] => [variable.name, variable])
  )
  return {
    file,
    format: 'NetCDF-4',
    variables,
    read: async (name, ranges, signal) => {
      const dataset = paths.get(name)
      if (dataset === undefined) throw new Error(`no variable ${name} in ${file}`)
      if (variables.get(name)?.type === 'text') {
        throw unreadable(file, `${name} holds no numbers`, 'name another variable')
      }
      return await asking(file, `has unreadable data in ${name}`, async () => {
        if (hung !== undefined) throw hung
        const id = await idOf()
        signal?.throwIfAborted()
        try {
          const { values } = await thread.ask('values', readingOf(id, dataset, ranges))
          return values
        } catch (error) {
          if (error instanceof Hdf5Error && error.isHung) hung = error
          throw error
        }
      })
    },
    close: async () => {
      if (opened?.generation !== thread.generation) return
      const { id } = opened
      opened = undefined
      await asking(file, 'cannot be closed', () => thread.ask('closed', { kind: 'close', id }))
    }
  }
}

const readingOf = (id: number, path: string, ranges: readonly Range[]) =>
  ({ kind: 'read', id, path, ranges }) as const

async function asking<T>(file: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof Hdf5Error)) throw cause
    if (cause.filter !== undefined) {
      const why = `${what}: it is compressed with the filter ${cause.filter}, which is not here`
      throw unreadable(file, why, 'rewrite it with deflate or none: nccopy -F none IN OUT', cause)
    }
    throw unreadable(file, `${what} (${plainly(cause.message)})`, 'fetch it again', cause)
  }
}

/** A cut-off file is by far the commonest damage: its sizes say it best. */
function plainly(reason: string): string {
  const [, has, needs] = /truncated file: eof = (\d+),.*stored_eof = (\d+)/.exec(reason) ?? []
  return has === undefined ? reason : `${has} of ${needs} bytes`
}
