/**
 * The coordinator: one event in, effects out. Reading this file tells the story of a forecast.
 */
import type { Keyring } from '../protocol/signed.ts'
import type { CoordinatorEffect } from './effect.ts'
import type { CoordinatorEvent } from './event.ts'
import type { Fact } from './fact.ts'
import type { CoordinatorSetup, CoordinatorState } from './state.ts'

/** What a coordinator does about an event. `state` is the one given, changed. */
export function step(
  _state: CoordinatorState,
  _event: CoordinatorEvent,
  _keyring: Keyring
): { state: CoordinatorState; effects: readonly CoordinatorEffect[] } {
  throw new Error('being written')
}

/** The state after these facts; the next event must be `started`. */
export function replay(_setup: CoordinatorSetup, _facts: Iterable<Fact>): CoordinatorState {
  throw new Error('being written')
}
