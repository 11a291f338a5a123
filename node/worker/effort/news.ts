/** What the work core has said of the mesh lately, as far as the reason of status depends on it. */
import type { VolunteerNoteName } from '../volunteer/effect.ts'
import { type Failures, NO_FAILURES, onFailure, onSuccess } from './failures.ts'
import type { Situation } from './reason.ts'

export interface News {
  readonly failures: Failures
  readonly refusal: Situation['refusal']
  readonly isUnanswered: boolean
}

export const NO_NEWS: News = { failures: NO_FAILURES, refusal: undefined, isUnanswered: false }

type Fields = Readonly<Record<string, unknown>>

export function heard(news: News, name: VolunteerNoteName, fields: Fields, atMs: number): News {
  const { failures } = news
  switch (name) {
    case 'lease.taken':
      return { failures, refusal: undefined, isUnanswered: false }
    case 'lease.refused': {
      const untilMs = atMs + Number(fields.retryAfterMs)
      return { failures, refusal: { reason: String(fields.reason), untilMs }, isUnanswered: false }
    }
    case 'owner.unreachable':
      return { ...news, isUnanswered: true }
    case 'unit.verified':
      return { ...news, failures: onSuccess() }
    case 'unit.failed': {
      const reason = String(fields.reason)
      // Inputs that nobody delivers are no fault of this machine.
      return reason === 'inputs-missing'
        ? news
        : { ...news, failures: onFailure(failures, reason, atMs) }
    }
    case 'unit.rejected':
      return { ...news, failures: onFailure(failures, 'results that others did not get', atMs) }
    default:
      return news
  }
}
