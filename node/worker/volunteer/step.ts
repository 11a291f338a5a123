/** The volunteer's work: one event in, effects out. */
import type { Keyring } from '../../../protocol/signed.ts'
import type { VolunteerEffect } from './effect.ts'
import type { VolunteerEvent } from './event.ts'
import type { VolunteerRecord } from './record.ts'
import type { VolunteerSetup, VolunteerState } from './state.ts'

/** What a volunteer does about an event. `state` is the one given, changed. */
export function step(
  _state: VolunteerState,
  _event: VolunteerEvent,
  _keyring: Keyring
): { state: VolunteerState; effects: readonly VolunteerEffect[] } {
  throw new Error('being written')
}

/** The state after these records; the next event must be `started`. */
export function replay(
  _setup: VolunteerSetup,
  _records: Iterable<VolunteerRecord>
): VolunteerState {
  throw new Error('being written')
}
