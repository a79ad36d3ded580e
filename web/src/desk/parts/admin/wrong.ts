import { Refusal } from '@/shared/api/client'

/** What the server said about one field; fields of a body come with or without the word before them. */
export function wrongField(error: unknown, field: string): string {
  if (!(error instanceof Refusal)) return ''
  return error.fields.find((f) => f.field === field || f.field === `body.${field}`)?.message ?? ''
}
