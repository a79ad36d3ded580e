import type { Photo } from '@/shared/parts/PhotoInput.vue'
import { kept } from '../../kept'
import type { Use } from './acting'

/** Photos are too heavy for what a tab keeps: they last until the page is left, and how many there were is told afterwards. */
const photos = new Map<string, Photo[]>()
type Draft = { form: Record<string, unknown>; photos: number; use?: Use }

/** What was typed into the form of an action and not sent yet: another case, or a reload, loses nothing of it. */
export function draftOf(caseId: string, action: string, task?: number) {
  const key = `${caseId} ${action} ${task ?? ''}`
  const mine = kept<Draft>(`form ${key}`)
  const now = (): Draft => mine.read() ?? { form: {}, photos: 0 }
  return {
    form: () => now().form,
    photos: () => photos.get(key) ?? [],
    use: () => now().use,
    /** How many photos were chosen before the page was left, and have to be chosen again. */
    lost: () => (photos.has(key) ? 0 : now().photos),
    keep: (form: Record<string, unknown>) => mine.keep({ ...now(), form }),
    keepPhotos(list: Photo[], use: Use) {
      photos.set(key, list)
      mine.keep({ ...now(), photos: list.length, use })
    },
    drop() {
      photos.delete(key)
      mine.drop()
    },
  }
}

export function forgetPhotos() {
  photos.clear()
}
