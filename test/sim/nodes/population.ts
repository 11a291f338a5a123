/** The volunteers of a world, who come, go, and come back as somebody new. */
import type { Fact } from '../../../coordinator/fact.ts'
import { toHex } from '../../../protocol/hex.ts'
import { admissionWork } from '../../../protocol/proof/admission-work.ts'
import type { FactListener } from '../checks/checks.ts'
import type { VolunteerRole } from '../roles/volunteer-role.ts'
import type { Meter } from '../stats/meter.ts'
import type { World } from '../world/world.ts'
import { VolunteerNode } from './volunteer-node.ts'

/** Names a role's next identity; its admission is paid here. */
export type NextRole = () => VolunteerRole

export class Population implements FactListener {
  readonly nodes: VolunteerNode[] = []
  readonly #world: World
  readonly #byOperator = new Map<string, { node: VolunteerNode; next: NextRole }>()
  readonly #slots: number
  readonly #meter: Meter | undefined
  #names = 0

  constructor(world: World, { slots = 2, meter }: { slots?: number; meter?: Meter } = {}) {
    this.#world = world
    this.#slots = slots
    this.#meter = meter
  }

  /** One more peer, of an operator of its own unless one is named. */
  add(next: NextRole, particleStepsPerSecond: number, operator?: string): VolunteerNode {
    this.#names += 1
    const role = next()
    const owner = operator ?? `operator-${this.#names}`
    const admission = role.isUnpaid === true ? undefined : this.#pay(owner)
    const node = new VolunteerNode(this.#world, {
      name: `volunteer-${this.#names}-${role.name}`,
      operator: owner,
      role,
      ...(admission === undefined ? {} : { admission }),
      particleStepsPerSecond,
      slots: this.#slots,
      ...(this.#meter === undefined ? {} : { meter: this.#meter })
    })
    this.nodes.push(node)
    if (operator === undefined || !this.#byOperator.has(node.operator))
      this.#byOperator.set(node.operator, { node, next })
    return node
  }

  /** The work for an identity, where the federation asks for it. */
  #pay(name: string): Uint8Array | undefined {
    const { network, epoch, admissionBits } = this.#world.federation.body
    const keyring = this.#world.keyring(name)
    if (admissionBits === 0) return undefined
    const nonce = new Uint8Array(8)
    const view = new DataView(nonce.buffer)
    const body = { kind: 'admission' as const, operator: keyring.key, epoch, nonce }
    for (let count = 0; admissionWork(network, body) < admissionBits; count += 1) {
      view.setUint32(0, count)
    }
    return keyring.sign('admission', body)
  }

  isHonest(operator: string): boolean {
    return this.#byOperator.get(operator)?.node.init.role.isHonest ?? false
  }

  /** Gone for good. */
  remove(node: VolunteerNode): void {
    if (node.isUp) node.end()
    this.#world.network.leave(node)
  }

  onFact(_ledger: string, fact: Fact): void {
    if (fact.kind !== 'operator-convicted') return
    const known = this.#byOperator.get(toHex(fact.operator))
    if (known === undefined || !known.node.init.role.returns) return
    const { node, next } = known
    if (!this.#world.network.stations.includes(node)) return
    this.remove(node)
    this.#world.after(1, () => this.add(next, node.init.particleStepsPerSecond))
  }
}
