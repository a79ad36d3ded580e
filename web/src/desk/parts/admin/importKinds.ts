import { api, ask } from '@/shared/api/client'
import type { Text } from '@/shared/i18n'

/** What can be imported, in the order in which a new installation needs it. */
export const importKinds = ['areas', 'boundaries', 'organisations', 'people', 'places'] as const
export type ImportKind = (typeof importKinds)[number]
export type Datum = 'wgs84' | 'gcj02' | 'bd09'

/** A place of the file that is not right. */
export type Flaw = { row: string; column: string; text: Text; warning?: boolean }

/** The report of any import in one shape. */
export type Outcome = {
  rows: number
  created: number
  updated: number
  unchanged: number
  refused: number
  flaws: Flaw[]
  passwords: { login: string; name: string; password: string }[]
}

type Sent = { file: Blob; name: string; dry: boolean; datum?: Datum; passwords?: boolean }

/** A file goes as it is: the client must not write it as JSON. */
const raw = (file: Blob) => ({
  body: file as unknown as string,
  bodySerializer: (b: unknown) => b as BodyInit,
  headers: { 'Content-Type': 'application/octet-stream' },
})

export async function sendImport(kind: ImportKind, { file, name, dry, datum, passwords }: Sent): Promise<Outcome> {
  const query = { name, dry_run: dry }
  if (kind === 'people') {
    const r = await ask(
      api.POST('/api/v1/imports/people', { params: { query: { ...query, ...(passwords ? { passwords: true } : {}) } }, ...raw(file) }),
    )
    const flaws = (r.errors ?? []).map((e) => ({ row: String(e.row), column: e.field, text: e.text }))
    return {
      rows: r.rows,
      created: r.accounts,
      updated: r.appointed,
      unchanged: r.unchanged,
      refused: new Set(flaws.map((f) => f.row)).size,
      flaws,
      passwords: r.passwords ?? [],
    }
  }
  if (kind === 'boundaries') {
    const r = await ask(
      api.POST('/api/v1/imports/boundaries', { params: { query: { ...query, ...(datum ? { datum } : {}) } }, ...raw(file) }),
    )
    const flaws = (r.findings ?? []).map((f) => ({
      row: f.feature === undefined ? '' : String(f.feature + 1),
      column: f.area ?? '',
      text: f.text,
      warning: f.severity !== 'error',
    }))
    return { rows: r.features, created: r.created, updated: r.updated, unchanged: r.unchanged, refused: r.refused, flaws, passwords: [] }
  }
  const call = { params: { query }, ...raw(file) }
  const r = await ask(
    kind === 'areas'
      ? api.POST('/api/v1/imports/areas', call)
      : kind === 'organisations'
        ? api.POST('/api/v1/imports/organisations', call)
        : api.POST('/api/v1/imports/places', call),
  )
  const flaws = (r.refused ?? []).map((e) => ({ row: String(e.row), column: e.column, text: e.text }))
  return {
    rows: r.rows,
    created: r.created,
    updated: r.updated,
    unchanged: r.unchanged,
    refused: new Set(flaws.map((f) => f.row)).size,
    flaws,
    passwords: [],
  }
}
