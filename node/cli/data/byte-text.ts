/** Sizes as people read them. */
import { shortCount } from '../terminal.ts'

/** 1234567 as "1.2 MB", 12 as "12 B". */
export const byteText = (bytes: number): string =>
  bytes < 1000 ? `${bytes} B` : `${shortCount(bytes)}B`
