import { ref, watchEffect, type Ref } from 'vue'
import { api, ask, Refusal, type Schemas } from '@/shared/api/client'
import { say, t, type Text } from '@/shared/i18n'
import type { Word } from '@/shared/parts/WordList.vue'
import { date } from '@/shared/time'
import { fieldAddressees } from './addressees'
import { useField } from './field'
import { leaves } from './offers'
import type { Item } from './outbox/item'

type Field = Schemas['FlowFormField']

const both = (words: string): Word['to'] => ({ zh: words, en: words })
const full = (text: Text): Word['to'] => ({ zh: text.zh, en: text.en ?? text.zh })

/** The form of a step; one that was written down before forms were kept gets a field for each text in it. */
export function fieldsOf(item: Item): Field[] {
  if (item.fields) return item.fields
  const own = useField()
    .pack.value?.tasks?.find((c) => c.id === item.case)
    ?.actions?.find((o) => o.action === item.action)?.form
  if (own) return own
  const known = ['reason', 'result', 'note', 'question', 'title', 'answer']
  return Object.keys(item.form)
    .filter((key) => known.includes(key))
    .map((key): Field => ({ key, title: both(t(`field.outbox.field.${key}`)), hint: both(''), type: 'text', required: false }))
}

/** What was filled in, in words: names for codes as far as they are known here or the server is reached. */
async function wordsOf(item: Item): Promise<Word[]> {
  const field = useField()
  const source = fieldAddressees()
  const { pack } = field
  const task = pack.value?.tasks?.find((c) => c.id === item.case)

  async function area(code: string) {
    const known = pack.value?.areas?.find((a) => a.code === code)
    return known ? known.name : (await ask(api.GET('/api/v1/areas/{code}', { params: { path: { code } } }))).name
  }
  async function post(code: string) {
    const known = pack.value?.addressees?.find((p) => p.post === code)
    if (known) return `${known.place} · ${full(known.title).zh}`
    return (await source.posts('', item.case)).list.find((p) => p.value === code)?.title
  }
  /** Without the name the code itself: better than nothing. */
  async function named(code: string, find: (code: string) => Promise<string | undefined>) {
    try {
      return both((await find(code)) || code)
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
      return both(code)
    }
  }
  async function one(f: Field, v: string): Promise<Word['to']> {
    const choice = f.choices?.find((c) => c.value === v)
    if (choice) return full(choice.title)
    if (f.type === 'unit' || f.type === 'units') return named(v, source.unit)
    if (f.type === 'post') return named(v, post)
    if (f.type === 'date') return both(date(v))
    if (f.type === 'line' && f.key === 'area') return named(v, area)
    if (f.type === 'line' && f.key === 'category') {
      const found = leaves(pack.value?.categories ?? []).find((c) => c.code === v)
      return found ? full(found.title) : both(v)
    }
    return both(v)
  }
  async function words(f: Field, v: unknown): Promise<Word['to'] | undefined> {
    if (typeof v === 'boolean') return both(t(v ? 'do.yes' : 'do.no'))
    if (f.type === 'files') return Array.isArray(v) && v.length ? both(t('field.outbox.photos', { n: v.length })) : undefined
    if (f.type === 'task') {
      const of = task?.tasks?.find((k) => k.no === v)
      return both(of ? `${of.no}. ${of.post.place} · ${full(of.post.title).zh}` : String(v))
    }
    if (Array.isArray(v)) {
      const list = await Promise.all(v.map((x) => one(f, String(x))))
      return { zh: list.map((x) => x.zh).join('、'), en: list.map((x) => x.en).join(', ') }
    }
    return v === undefined || v === null || v === '' ? undefined : one(f, String(v))
  }

  const out: Word[] = []
  for (const f of fieldsOf(item)) {
    const to = await words(f, item.form[f.key])
    const code = f.type === 'line' && (f.key === 'category' || f.key === 'area')
    if (to) out.push({ key: f.key, type: code ? 'choice' : f.type, title: f.title, to })
  }
  return out
}

/** The same, kept up with the item. */
export function useOwnWords(item: () => Item): Ref<Word[]> {
  const words = ref<Word[]>([])
  watchEffect(async (stopped) => {
    let old = false
    stopped(() => (old = true))
    const found = await wordsOf(item())
    if (!old) words.value = found
  })
  return words
}

/** The same as plain text, line by line, each with the name of its field; a text that stands alone needs none. */
export function lines(words: Word[]): string[] {
  const said = words.filter((w) => w.type !== 'files')
  const value = (w: Word) => (w.type === 'text' || w.type === 'line' ? w.to.zh : say(w.to))
  if (said.length === 1 && said[0]!.type === 'text') return [value(said[0]!)]
  return said.map((w) => t('do.is', { what: say(w.title), value: value(w) }))
}
