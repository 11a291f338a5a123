/**
 * Walls around the HDF5 library in its own thread: it opens no file but the one it is given (a data
 * file may name others as the place of its values, and those would be published), writes nothing
 * but notes, and gets no more memory than the limit, however much a damaged file makes it ask for.
 */
import fs from 'node:fs'
import { sep } from 'node:path'

/** Bytes of a page of WebAssembly memory. */
const PAGE_BYTES = 65_536

/** The temporary file (no longer listed once open) in which an error's stack is put together. */
const NOTES = /^\/tmp\/tmpfile_\w+$/

/** The part of the host's WebAssembly that is walled in; Node's types do not describe it. */
interface GrowingMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
interface WebAssemblyHost {
  readonly Memory: { readonly prototype: GrowingMemory }
}

export interface Sandbox {
  /** The one data file that may be opened from now on. */
  allow(path: string): void
}

export function buildSandbox(pluginFolder: string, memoryBytesMax: number): Sandbox {
  let allowed = ''
  const { openSync, writeSync } = fs
  const notes = new Set<number>()
  fs.openSync = (path, flags, mode) => {
    const name = String(path)
    const isPlugin = name === pluginFolder || name.startsWith(pluginFolder + sep)
    const isNote = NOTES.test(name)
    if (name !== allowed && !isPlugin && !isNote) {
      throw Object.assign(new Error(`${name} is not the file that was opened`), { code: 'EACCES' })
    }
    const fd = openSync(path, flags, mode)
    if (isNote) notes.add(fd)
    else notes.delete(fd)
    return fd
  }
  // The library prints its troubles; its answers tell them.
  fs.writeSync = ((fd: number, bytes: NodeJS.ArrayBufferView, from?: number, length?: number) =>
    notes.has(fd)
      ? writeSync(fd, bytes, from, length)
      : (length ?? bytes.byteLength)) as typeof fs.writeSync
  const { Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyHost }).WebAssembly
  const { grow } = Memory.prototype
  Memory.prototype.grow = function growBelowLimit(this: GrowingMemory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > memoryBytesMax) {
      throw new RangeError('the HDF5 library reached its memory limit')
    }
    return grow.call(this, pages)
  }
  return {
    allow: (path) => {
      allowed = path
    }
  }
}
