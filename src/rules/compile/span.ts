/** Lengths of windows. */
import { parseDuration } from '../../core/duration.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'

const WITHIN_MS_MAX = 30 * 86_400_000

/** Complains where it is longer than any window. */
export function spanOf(path: PolicyPath, text: string, complaints: Complaints): number {
  const ms = parseDuration(text) ?? 0
  if (ms > WITHIN_MS_MAX) complaints.add(path, 'a window is at most 30d')
  return ms
}
