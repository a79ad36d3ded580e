import type { InjectionKey } from 'vue'
import { api, ask } from '../api/client'
import { say } from '../i18n'

/** Something that can be chosen by name. */
export type Named = { value: string; title: string; more?: string }

/** What was found, and whether there is more than is shown. */
export type Found = { list: Named[]; more: boolean }

/** Whom a form may name: where units and posts are looked for. A face that works without signal brings a source of its own. */
export interface Addressees {
  units(words: string, caseId?: string): Promise<Found>
  /** The name of a unit; empty when it is not known here. */
  unit(code: string): Promise<string>
  /** Posts a case may be given to, the nearest first; without words those that come first. */
  posts(words: string, caseId?: string): Promise<Found>
}

export const addressees: InjectionKey<Addressees> = Symbol('addressees')

/** A post in words: what it is, where. */
export function postNamed(p: { post: string; title: { zh: string; en?: string }; place: string; vacant?: boolean }, vacant: string): Named {
  return { value: p.post, title: `${p.place} · ${say(p.title)}`, ...(p.vacant ? { more: vacant } : {}) }
}

const none: Found = { list: [], more: false }
/** As many posts as the server gives at once. */
export const mostPosts = 60

/** As the server has them. `vacant` is the word for a post that nobody holds. */
export const atServer = (vacant: string): Addressees => ({
  async units(q) {
    if (!q) return none
    const page = await ask(api.GET('/api/v1/organisations', { params: { query: { q, page_size: 20 } } }))
    return { list: (page.organisations ?? []).map((u) => ({ value: u.code, title: u.name })), more: !!page.next }
  },
  async unit(code) {
    return (await ask(api.GET('/api/v1/organisations/{code}', { params: { path: { code } } }))).name
  },
  async posts(q, caseId) {
    if (!caseId) return none
    const page = await ask(api.GET('/api/v1/cases/{ref}/posts', { params: { path: { ref: caseId }, query: q ? { q } : {} } }))
    const list = (page.posts ?? []).map((p) => postNamed(p, vacant))
    return { list, more: list.length >= mostPosts }
  },
})
