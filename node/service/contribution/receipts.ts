/** The receipts that a volunteer's records hold. */
import type { Ledger } from '../../store/ledger.ts'
import { decodeRecord } from '../../worker/volunteer/record.ts'

export async function receiptsOf(ledger: Pick<Ledger, 'entries'>): Promise<Uint8Array[]> {
  const receipts: Uint8Array[] = []
  for await (const entry of ledger.entries()) {
    const record = decodeRecord(entry)
    if (record.kind === 'ended' && record.receipt !== undefined) receipts.push(record.receipt)
  }
  return receipts
}
