import { Refusal } from '@/shared/api/client'
import { t } from '@/shared/i18n'
import { atServer, mostPosts, postNamed, type Addressees, type Found } from '@/shared/parts/addressees'
import { useField } from './field'

/** Whom a form may name: the server's word where there is signal, else what was taken along for one's own grid. */
export function fieldAddressees(): Addressees {
  const field = useField()
  const server = atServer(t('post.vacant'))
  const most = 20

  const pathOf = (caseId?: string) => field.pack.value?.tasks?.find((c) => c.id === caseId || c.number === caseId)?.path
  const serves = (path: string, caseId?: string) => {
    const at = pathOf(caseId)
    return at === undefined || at.startsWith(path)
  }
  const has = (words: string, ...texts: (string | undefined)[]) => {
    const q = words.toLowerCase()
    return !q || texts.some((x) => x?.toLowerCase().includes(q))
  }

  /** Of what was taken along some, when there is more than that or than was taken along. */
  const some = <T>(list: T[], most: number, what: string) => ({
    list: list.slice(0, most),
    more: list.length > most || !!field.pack.value?.more?.includes(what),
  })

  const units = (q: string, caseId?: string): Found => {
    const found = (field.pack.value?.units ?? [])
      .filter((u) => serves(u.path, caseId) && has(q, u.name, u.function))
      .map((u) => ({ value: u.code, title: u.name }))
    return some(found, most, 'units')
  }
  const posts = (q: string, caseId?: string): Found => {
    const holder = field.pack.value?.tasks?.find((c) => c.id === caseId)
    const found = (field.pack.value?.addressees ?? [])
      .filter(
        (p) => serves(p.path, caseId) && p.post !== (holder?.holder ?? holder?.owner)?.post && has(q, p.place, p.title.zh, p.title.en),
      )
      .sort((a, b) => b.path.length - a.path.length)
      .map((p) => postNamed(p, t('post.vacant')))
    return some(found, mostPosts, 'addressees')
  }

  /** Asks the server, and what was taken along when it cannot be reached. */
  async function either<T>(asked: () => Promise<T>, taken: () => T): Promise<T> {
    if (!field.reached.value || field.expired.value) return taken()
    try {
      return await asked()
    } catch (e) {
      if (e instanceof Refusal && (e.unreached || e.passing || e.status === 401)) return taken()
      throw e
    }
  }

  return {
    units: (q, caseId) =>
      q
        ? either(
            () => server.units(q, caseId),
            () => units(q, caseId),
          )
        : Promise.resolve(units(q, caseId)),
    async unit(code) {
      const known = field.pack.value?.units?.find((u) => u.code === code)
      return known
        ? known.name
        : either(
            () => server.unit(code),
            () => '',
          )
    },
    posts: (q, caseId) =>
      either(
        () => server.posts(q, caseId),
        () => posts(q, caseId),
      ),
  }
}
