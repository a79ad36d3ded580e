import { customRef, onScopeDispose, watch, type Ref } from 'vue'
import type { Schemas } from '@/shared/api/client'
import { identifier, secret } from '@/shared/api/identifier'

/** What an agent writes down during one call. It has its identifier from the first ring, so that it is opened once. */
export type Call = {
  id: string
  secret: string
  begun: number
  phone: string
  name: string
  anonymous: boolean
  text: string
  address: string
  area?: { code: string; name: string }
  category: string
  urgency: '' | 'urgent' | 'priority' | 'normal' | 'complex'
  confidential: boolean
}

export function newCall(): Call {
  return {
    id: identifier(),
    secret: secret(),
    begun: Date.now(),
    phone: '',
    name: '',
    anonymous: false,
    text: '',
    address: '',
    category: '',
    urgency: '',
    confidential: false,
  }
}

/** Whether nothing has been written down yet. */
export function blank(call: Call): boolean {
  const { phone, name, text, address, area, category, urgency, anonymous, confidential } = call
  return !(phone + name + text + address + category + urgency).trim() && !area && !anonymous && !confidential
}

/** A number as it was typed or pasted, without blanks and dashes. */
export function digits(phone: string): string {
  return phone.replace(/[^\d+]/g, '')
}

/** Complete enough to be looked up: a mobile or a landline with its area code. */
export function whole(phone: string): boolean {
  const d = digits(phone).replace(/^(\+?86)(?=1\d{10}$|0\d)/, '')
  return /^1\d{10}$/.test(d) || /^0\d{9,11}$/.test(d)
}

export function reportOf(call: Call): Schemas['ReportInputBody'] {
  const reporter = call.anonymous ? undefined : { name: call.name.trim() || undefined, phone: digits(call.phone) || undefined }
  return {
    id: call.id,
    secret: call.secret,
    channel: 'hotline',
    text: call.text.trim(),
    ...(call.address.trim() || call.area ? { place: { address: call.address.trim() || undefined, area: call.area?.code } } : {}),
    ...(call.anonymous ? { anonymous: true } : { reporter }),
    ...(call.category ? { category: call.category } : {}),
    ...(call.urgency ? { urgency: call.urgency } : {}),
    ...(call.confidential ? { confidential: true } : {}),
  }
}

/** A value once it has rested: for what is looked up while somebody types. */
export function settled(source: () => string, ms: number): Ref<string> {
  let timer: ReturnType<typeof setTimeout>
  let rested = source()
  let tell = () => {}
  const out = customRef<string>((track, trigger) => {
    tell = trigger
    return {
      get: () => (track(), rested),
      set: () => {},
    }
  })
  watch(source, (now) => {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        rested = now
        tell()
      },
      now ? ms : 0,
    )
  })
  onScopeDispose(() => clearTimeout(timer))
  return out
}
