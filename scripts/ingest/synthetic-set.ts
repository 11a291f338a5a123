/** A synthetic set of currents on a global grid, written by Debian's python3-netcdf4. */
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Another interpreter on the PATH may not have netCDF4. */
const PYTHON = process.env.DRIFTMESH_PYTHON ?? '/usr/bin/python3'
const PROGRAM = join(import.meta.dirname, 'make-set.py')

/** Unix seconds of the first slice. */
export const SET_START_SECONDS = 1_577_836_800

export interface SetSize {
  readonly columns: number
  readonly rows: number
  readonly slices: number
  readonly slicesPerFile: number
  readonly hoursPerSlice: number
  readonly storage: 'plain' | 'zlib'
}

/** @returns bytes of the files */
export async function makeSet(folder: string, size: SetSize): Promise<number> {
  const { columns, rows, slices, slicesPerFile, hoursPerSlice, storage } = size
  await mkdir(folder, { recursive: true })
  const numbers = [columns, rows, slices, slicesPerFile, hoursPerSlice].map(String)
  execFileSync(PYTHON, [PROGRAM, folder, ...numbers, storage], { stdio: 'inherit' })
  let bytes = 0
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size
  return bytes
}
