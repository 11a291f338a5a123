/** What a volunteer does with the honest core inside it: the seam of all hostile conduct. */
import type { CID } from 'multiformats/cid'
import type { LeaseGrant } from '../../../protocol/message/lease.ts'
import type { Keyring } from '../../../protocol/signed.ts'
import type { WorkUnit } from '../../../protocol/work-unit.ts'
import type { Lie } from '../nodes/kernel.ts'
import type { Spy } from './spy.ts'

/** One run that is over: what it was about. */
export interface Run {
  readonly lease: string
  /** What its owner granted. */
  readonly grant: LeaseGrant
  /** Hex of the coordinator that did. */
  readonly owner: string
  readonly unit: WorkUnit
  readonly cid: CID
  /** Hex of the peer's operator. */
  readonly operator: string
  /** No more waiting: say it now. */
  readonly isLast: boolean
}

export interface VolunteerRole {
  readonly name: string
  readonly isHonest: boolean
  /** A run begins. */
  begins?(run: Run): void
  /** The lie about this run, if it is one; `later`: do not commit yet, ask again. */
  lieAbout?(run: Run): Lie | 'later' | undefined
  /** The envelope as it is sent; undefined: never sent. */
  tamper?(keyring: Keyring, kind: string, envelope: Uint8Array): Uint8Array | undefined
  /** This run cannot be done: the unit is poison. */
  fails?(run: Run): boolean
  /** Its clock is wrong by so much. */
  readonly skewMs?: number
  /** Which blocks of its results it holds. */
  readonly holds?: 'none' | 'broken'
  /** It never shows the states that an audit starts from. */
  readonly withholdsStates?: boolean
  /** Share of honest speed it really runs at; 0: never comes back. */
  readonly pace?: number
  /** It gets half of a run done, and says so for ever. */
  readonly stops?: boolean
  /** Gone for good some time within this span. */
  readonly vanishMsMax?: number
  /** It pays nothing for its admission. */
  readonly isUnpaid?: boolean
  /** Its operator was convicted: go on as somebody new. */
  readonly returns?: boolean
}

export const HONEST: VolunteerRole = { name: 'honest', isHonest: true }

/** The simple roles by name; colluders are made by a gang (gang.ts). */
export type Conduct =
  | 'honest'
  | 'wrong'
  | 'wrong-late'
  | 'copy'
  | 'no-reveal'
  | 'no-commit'
  | 'vanish'
  | 'hang'
  | 'no-openings'
  | 'no-blocks'
  | 'bad-blocks'

export function roleOf(conduct: Conduct, who: string, spy: Spy): VolunteerRole {
  const role = { name: conduct, isHonest: false }
  switch (conduct) {
    case 'honest':
      return { ...HONEST, tamper: (_keyring, _kind, envelope) => spy.hear(envelope) }
    case 'wrong':
      return { ...role, lieAbout: () => ({ what: who, segment: 0 }) }
    case 'wrong-late':
      return {
        ...role,
        lieAbout: ({ unit }) => ({ what: who, segment: unit.segmentCount - 1 })
      }
    case 'no-blocks':
      return { ...role, holds: 'none', lieAbout: () => ({ what: who, segment: 0 }) }
    case 'bad-blocks':
      return { ...role, holds: 'broken' }
    case 'no-openings':
      return { ...role, withholdsStates: true }
    case 'vanish':
      return { ...role, vanishMsMax: 40_000 }
    case 'hang':
      return { ...role, pace: 0 }
    case 'no-reveal':
      return {
        ...role,
        tamper: (_keyring, kind, envelope) => (kind === 'reveal' ? undefined : envelope)
      }
    case 'no-commit':
      return {
        ...role,
        tamper: (_keyring, kind, envelope) => (kind === 'commit' ? undefined : envelope)
      }
    case 'copy':
      return {
        ...role,
        tamper: (keyring, kind, envelope) => {
          if (kind === 'commit') return spy.copyCommit(keyring, envelope)
          return kind === 'reveal' ? spy.copyReveal(keyring, envelope) : envelope
        }
      }
  }
}
