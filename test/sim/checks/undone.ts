/** What is not done of a plan at a coordinator, in a few lines: the first thing to look at. */
import { slotsOf } from '../../../coordinator/slots.ts'
import { type CoordinatorState, type Replica, slotKey } from '../../../coordinator/state.ts'
import { progressOf } from '../../../coordinator/summary.ts'
import { toBlock } from '../../../protocol/canonical.ts'
import type { Plan } from '../../../protocol/plan.ts'

const replicaText = ({ operator, phase, fault }: Replica): string =>
  [operator.slice(0, 6), phase, fault ?? ''].join(' ').trim()

/** One line per slot that holds a plan up, as this coordinator sees it. */
export function undoneOf(name: string, state: CoordinatorState, body: Plan): readonly string[] {
  const { cid } = toBlock(body)
  const plan = state.durable.plans.get(cid.toString())
  if (plan === undefined) return [`${name} does not know ${cid}`]
  if (plan.forecast !== undefined) return []
  const slots = [...slotsOf(body)].flatMap((place) => {
    const key = slotKey(place)
    const slot = plan.slots.get(key)
    const isDone = slot?.outcome !== undefined && !slot.recheck && !plan.unattested.has(key)
    if (isDone) return []
    if (slot === undefined) return [`  ${key} is not known`]
    const flags = [
      slot.isOwned ? `owned in term ${slot.term}` : 'of another owner',
      slot.outcome?.kind ?? 'undecided',
      slot.recheck ? 'rechecked' : '',
      plan.open.has(key) ? 'open' : '',
      plan.awaited.has(key) ? 'awaits its result' : '',
      plan.unchecked.has(key) ? 'unchecked' : '',
      `${slot.errors} errors`
    ]
    const replicas = [...slot.replicas.values()].filter(({ phase }) => phase !== 'ended')
    const ended = slot.replicas.size - replicas.length
    const texts = [...flags.filter((flag) => flag !== ''), ...replicas.map(replicaText)]
    return [`  ${key} ${texts.join(', ')}, ${ended} leases ended`]
  })
  const deposed = [...plan.deposed.keys()].map((key) => key.slice(0, 6))
  const head = `${name} ${progressOf(state, cid)?.stage}, deposed: ${deposed.join(' ') || 'none'}`
  return [head, ...slots]
}
