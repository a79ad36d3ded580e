import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { ref, type Ref } from 'vue'
import { api, ask, Refusal } from '@/shared/api/client'
import { identifier } from '@/shared/api/identifier'
import type { Photo } from '@/shared/parts/PhotoInput.vue'
import { sendPhoto } from '@/shared/sendPhoto'
import { readCase, type Case, type Entry, type Offer } from './caseQuery'

export type Use = 'evidence' | 'before' | 'after' | 'answer'
type Attempt = { form: Record<string, unknown>; photos: Photo[]; use: Use }

/**
 * Taking one action on a case as it was when its form was opened. When somebody was faster, nothing is sent: `meanwhile`
 * has what came, and `goOn` does it all the same. A second try after a lost answer is the same command.
 */
export function useActing(it: Case, offer: Offer, done: () => void) {
  const queries = useQueryClient()
  const base = ref(it.version)
  const meanwhile = ref<{ entries: Entry[]; offered: boolean; version: number }>()
  const uploading = ref(0)
  const sent = new Set<string>()
  let command = identifier()
  let last = ''
  let attempt: Attempt | undefined

  async function fresh() {
    const now = await readCase(it.number)
    queries.setQueryData(['case', it.number], now)
    return now
  }

  /** Photos go first; their own entries in the timeline are no reason to ask. */
  async function send({ photos, use }: Attempt) {
    for (const [i, p] of photos.entries()) {
      if (sent.has(p.id)) continue
      uploading.value = i + 1
      await sendPhoto(`/api/v1/cases/${it.id}/files/${p.id}?${new URLSearchParams({ name: p.name, use })}`, p.blob)
      sent.add(p.id)
    }
    if (!sent.size) return
    const now = await fresh()
    const since = (now.timeline ?? []).filter((e) => e.seq > base.value)
    if (since.every((e) => e.action === 'attach')) base.value = now.version
  }

  const run = useMutation({
    mutationFn: async (now: Attempt) => {
      attempt = now
      await send(now).finally(() => (uploading.value = 0))
      const form = { ...now.form }
      const fields = (offer.form ?? []).filter((f) => f.type === 'files')
      // a form with a place for each use gets the photos where they belong
      const files = fields.find((f) => f.key.includes(now.use)) ?? fields[0]
      if (files && sent.size) form[files.key] = [...new Set([...((form[files.key] as string[] | undefined) ?? []), ...sent])]
      const key = JSON.stringify([form, base.value])
      if (last && key !== last) command = identifier() // what was changed is another command
      last = key
      return ask(
        api.POST('/api/v1/cases/{id}/actions/{action}', {
          params: { path: { id: it.id, action: offer.action } },
          body: { base: base.value, command, task: offer.task, form },
        }),
      )
    },
    onError: async (e) => {
      if (!(e instanceof Refusal) || e.code !== 'stale-version') return
      const now = await fresh()
      meanwhile.value = {
        entries: (now.timeline ?? []).filter((x) => x.seq > base.value).reverse(),
        offered: (now.actions ?? []).some((o) => o.action === offer.action && o.task === offer.task),
        version: now.version,
      }
    },
    onSuccess: async () => {
      meanwhile.value = undefined
      done()
      await fresh().catch(() => queries.invalidateQueries({ queryKey: ['case', it.number] }))
      void queries.invalidateQueries({ queryKey: ['counts'] })
      // lists are read anew when they are next looked at; J and K keep to the one that is known
      void queries.invalidateQueries({ queryKey: ['cases'], refetchType: 'none' })
      void queries.invalidateQueries({ queryKey: ['home'], refetchType: 'none' })
    },
  })

  return {
    run,
    meanwhile,
    uploading: uploading as Ref<number>,
    goOn() {
      if (!meanwhile.value || !attempt) return
      base.value = meanwhile.value.version
      meanwhile.value = undefined
      run.mutate(attempt)
    },
    review() {
      base.value = meanwhile.value?.version ?? base.value
      meanwhile.value = undefined
      run.reset()
    },
  }
}
