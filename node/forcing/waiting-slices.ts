/**
 * Slices that wait until their tile is full: in memory while they are small, else in a temporary
 * file, so that a global grid needs no more memory than one slice. The file has no name as soon as
 * it is open, so a kill leaves nothing behind.
 */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskFailure } from '../forecast/output-target.ts'
import { letGo } from './let-go.ts'
import type { Tiling } from './tiles.ts'

/** Larger than this, a tile's worth of slices waits on disk. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024

export interface Waiting {
  readonly count: number
  /** Takes the components of the next slice, four bytes per node; they are the waiting's now. */
  add(components: readonly Uint8Array[]): Promise<void>
  /**
   * Whole rows of all that waits: every time of the first component, then of the next. They are
   * true until the next call.
   */
  band(row: number, height: number): Promise<readonly Uint8Array[]>
  clear(): void
  close(): Promise<void>
}

/** @throws MeshError `store/full`, `store/failed` */
export async function openWaiting(tiling: Tiling, tileTimes: number): Promise<Waiting> {
  const planeBytes = tiling.rows * tiling.columns * 4
  const rowBytes = tiling.columns * 4
  return 2 * planeBytes * tileTimes <= MEMORY_BYTES_MAX
    ? waitInMemory(rowBytes)
    : await waitInFile(rowBytes, planeBytes)
}

function waitInMemory(rowBytes: number): Waiting {
  let slices: (readonly Uint8Array[])[] = []
  return {
    get count() {
      return slices.length
    },
    add: async (components) => {
      slices.push(components)
    },
    band: async (row, height) =>
      (slices[0] ?? []).flatMap((_, component) =>
        slices.map((slice) =>
          (slice[component] ?? new Uint8Array()).subarray(row * rowBytes, (row + height) * rowBytes)
        )
      ),
    clear: () => {
      for (const slice of slices) letGo(...slice)
      slices = []
    },
    close: async () => {
      slices = []
    }
  }
}

async function waitInFile(rowBytes: number, planeBytes: number): Promise<Waiting> {
  const dir = await mkdtemp(join(tmpdir(), 'driftmesh-slices-')).catch((cause) => {
    throw diskFailure(tmpdir(), cause)
  })
  const orFail = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause) => {
      throw diskFailure(dir, cause)
    })
  const file = await orFail(open(join(dir, 'slices'), 'wx+'))
  // Some systems do not let go of the name of an open file: then it is removed at the end.
  const forget = () => rm(dir, { recursive: true, force: true }).catch(() => undefined)
  await forget()
  let count = 0
  let componentCount = 0
  const at = (slice: number, component: number): number =>
    (slice * componentCount + component) * planeBytes
  let room = new Uint8Array()
  const read = async (position: number, bytes: Uint8Array): Promise<Uint8Array> => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done)
      if (bytesRead === 0) throw new Error('defect: a waiting slice is shorter than it was')
      done += bytesRead
    }
    return bytes
  }
  return {
    get count() {
      return count
    },
    add: async (components) => {
      componentCount = components.length
      for (const [component, bytes] of components.entries()) {
        for (let done = 0; done < bytes.length; ) {
          const position = at(count, component) + done
          const { bytesWritten } = await orFail(file.write(bytes, done, undefined, position))
          done += bytesWritten
        }
        letGo(bytes)
      }
      count += 1
    },
    band: async (row, height) => {
      const length = height * rowBytes
      if (room.length < length * componentCount * count) {
        room = new Uint8Array(length * componentCount * count)
      }
      const parts: Uint8Array[] = []
      for (let component = 0; component < componentCount; component += 1) {
        for (let slice = 0; slice < count; slice += 1) {
          const position = at(slice, component) + row * rowBytes
          const into = room.subarray(parts.length * length, (parts.length + 1) * length)
          parts.push(await orFail(read(position, into)))
        }
      }
      return parts
    },
    clear: () => {
      count = 0
    },
    close: async () => {
      await file.close()
      await forget()
    }
  }
}
