/**
 * The invariants of the whole world: a slot has one verdict per term and revision, each has its
 * quorum of distinct operators, terms and revisions only grow.
 */
import assert from 'node:assert/strict'
import { equals } from 'uint8arrays/equals'
import type { CoordinatorEffect } from '../../../coordinator/effect.ts'
import type { Fact } from '../../../coordinator/fact.ts'
import { RULES, type Rules } from '../../../coordinator/rules.ts'
import { toHex } from '../../../protocol/hex.ts'
import type { Plan } from '../../../protocol/plan.ts'
import { bodyOf } from '../../../protocol/signed.ts'
import { checkStoreFirst } from './invariants.ts'
import { LedgerWatch } from './ledger-watch.ts'

/** Somebody who wants to know every fact that reached a disk. */
export interface FactListener {
  onFact(ledger: string, fact: Fact): void
}

/** Who is told what coordinators store, do and say. */
export interface Observer extends FactListener {
  onEffects(effects: readonly CoordinatorEffect[]): void
  onReply(ledger: string, envelope: Uint8Array): void
}

export class Checks implements Observer {
  /** Verdict of each slot, the newest first seen. */
  readonly bySlot = new Map<string, Uint8Array>()
  readonly listeners: FactListener[] = []
  readonly #plans: ReadonlyMap<string, Plan>
  readonly #rules: Rules
  readonly #ledgers = new Map<string, LedgerWatch>()
  readonly #byTerm = new Map<string, Uint8Array>()
  readonly #terms = new Map<string, number>()
  readonly #revisions = new Map<string, number>()

  /** Rules that are off are not checked for. */
  constructor(plans: ReadonlyMap<string, Plan>, rules: Partial<Rules> = {}) {
    this.#plans = plans
    this.#rules = { ...RULES, ...rules }
  }

  #ledger(name: string): LedgerWatch {
    const known = this.#ledgers.get(name) ?? new LedgerWatch()
    this.#ledgers.set(name, known)
    return known
  }

  onEffects(effects: readonly CoordinatorEffect[]): void {
    checkStoreFirst(effects)
  }

  onReply(ledger: string, envelope: Uint8Array): void {
    this.#ledger(ledger).onReply(envelope)
  }

  onFact(ledger: string, fact: Fact): void {
    this.#ledger(ledger).onFact(fact)
    if (fact.kind === 'slot-settled' || fact.kind === 'verdict-noted') {
      this.#onVerdict(ledger, fact.verdict)
    }
    for (const listener of this.listeners) listener.onFact(ledger, fact)
  }

  #onVerdict(ledger: string, envelope: Uint8Array): void {
    const { slot, term, agreeing, revises } = bodyOf('verdict', envelope)
    const revision = revises?.revision ?? 0
    const key = `${slot.plan} ${slot.member}/${slot.block}/${slot.window}`
    const known = this.#byTerm.get(`${key} ${term} ${revision}`)
    const isSame = known === undefined || known === envelope || equals(known, envelope)
    assert.ok(isSame, `slot ${key} has two verdicts in term ${term}, revision ${revision}`)
    this.#byTerm.set(`${key} ${term} ${revision}`, envelope)
    const before = this.#terms.get(`${ledger} ${key}`) ?? 0
    assert.ok(term >= before, `slot ${key}: term ${term} after ${before}`)
    this.#terms.set(`${ledger} ${key}`, term)
    const last = this.#revisions.get(`${ledger} ${key}`) ?? 0
    assert.ok(revision >= last, `slot ${key}: revision ${revision} after ${last}`)
    this.#revisions.set(`${ledger} ${key}`, revision)
    this.bySlot.set(key, envelope)
    const operators = new Set(agreeing.map(({ operator }) => toHex(operator)))
    const mesh = this.#plans.get(slot.plan.toString())?.mesh
    const quorum = mesh?.policy === 'quorum' ? mesh.quorum : 1
    if (!this.#rules.distinctOperators) return
    assert.ok(operators.size === agreeing.length, `slot ${key}: an operator counts twice`)
    assert.ok(operators.size >= quorum, `slot ${key} is settled by ${operators.size} operator`)
  }
}
