import { secret } from '@/shared/api/identifier'
import { anew, begun, draft } from './draft'

// Two windows of one browser must not write the same report: sent from both, one would take the photos of the other. A
// window that opens a report asks whether another has it; when one answers, it goes on with a copy of the words.
type Word = { ask: string; by: string } | { have: string; to: string }

const self = secret(8)
/** How long two windows that were opened together may take to hear of each other, milliseconds. */
const settling = 2_000

export function meetWindows() {
  if (typeof BroadcastChannel === 'undefined') return // told when it is sent, see sending.ts
  let settled = false
  setTimeout(() => (settled = true), settling)
  const channel = new BroadcastChannel('linli-draft')
  const say = (word: Word) => channel.postMessage(word)
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if ('ask' in data) {
      // of two that ask each other one has it
      if (data.ask === draft.id && (settled || self < data.by)) say({ have: draft.id, to: data.by })
    } else if (data.to === self && data.have === draft.id) {
      void anew(true)
    }
  }
  if (begun.value) say({ ask: draft.id, by: self })
}
