/** From the flags of `start` to what a volunteer gives of this machine. */
import type { EffortSettings } from '../../service/effort/governor.ts'
import { type Caps, capsOf, type Effort, type Machine } from '../../worker/effort/caps.ts'
import type { Period } from '../../worker/effort/rules.ts'

export interface EffortFlags {
  readonly effort: Effort
  readonly threads?: number
  readonly duty?: number
  readonly memory?: number
  readonly disk?: number
  readonly download?: number
  readonly upload?: number
  readonly connections?: number
  readonly schedule?: readonly Period[]
}

export function effortSettings(flags: EffortFlags, machine: Machine): EffortSettings {
  const { effort, threads, duty, memory, disk, download, upload, connections } = flags
  const own: { -readonly [K in keyof Caps]?: Caps[K] } = {}
  if (threads !== undefined) own.threads = threads
  if (duty !== undefined) own.dutyPercent = duty
  if (memory !== undefined) own.memoryBytes = memory
  if (disk !== undefined) own.diskBytes = disk
  if (download !== undefined) own.downloadBytesPerSecond = download
  if (upload !== undefined) own.uploadBytesPerSecond = upload
  if (connections !== undefined) own.connections = connections
  return { effort, caps: capsOf(effort, machine, own), schedule: flags.schedule ?? [] }
}
