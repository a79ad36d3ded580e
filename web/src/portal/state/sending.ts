import { ref } from 'vue'
import { api, ask, Refusal, type Schemas } from '@/shared/api/client'
import { t } from '@/shared/i18n'
import { anew, body, draft, startAgain, titleOf } from './draft'
import { mine, remember } from './mine'

type Report = Schemas['ReportInputBody']

/** Told on the page that confirms: an earlier sending had arrived, and it is that one which counts. */
export const arrivedBefore = ref('')

/**
 * Sends the draft. Of an attempt without an answer nobody knows whether it arrived, so its words are kept: when they
 * were changed in between and the server has the earlier ones, those are sent again, and give the same code.
 */
export function useSending() {
  const busy = ref(false)
  const error = ref<unknown>()

  async function send(): Promise<string> {
    if (busy.value) return ''
    busy.value = true
    error.value = undefined
    const words = JSON.stringify(body())
    const earlier = draft.attempts.filter((a) => a !== words)
    draft.attempts = [...earlier, words]
    try {
      return await post(words)
    } catch (e) {
      // refused for certain: nothing of this one was kept
      if (e instanceof Refusal && !e.passing) draft.attempts = earlier
      if (e instanceof Refusal && e.code === 'id-used') {
        for (const a of earlier) {
          const code = await post(a).catch(() => '')
          if (code) return (arrivedBefore.value = code)
        }
        // never sent from here: another window had the same report open, and this browser has no locks to tell
        if (!earlier.length) {
          await anew(false)
          error.value = new Refusal(409, e.code, t('portal.other.sent'), t('portal.other.look'))
          return ''
        }
      }
      error.value = e
      return ''
    } finally {
      busy.value = false
    }
  }

  async function post(words: string): Promise<string> {
    const report = JSON.parse(words) as Report
    const receipt = await ask(api.POST('/api/v1/cases', { body: report }))
    const code = receipt.code ?? mine.list.find((m) => m.draft === report.id)?.code ?? ''
    if (!code) throw new Error(receipt.number)
    remember({ code, number: receipt.number, title: titleOf(report.text), at: Date.now(), draft: report.id })
    startAgain()
    return code
  }

  return { busy, error, send }
}
