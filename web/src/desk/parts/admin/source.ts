import { say } from '@/shared/i18n'

/** What a model follows, in the reader's language: its file says it in Chinese and, behind a stroke, in English. */
export function sourceOf(source: string): string {
  const [zh = '', en] = source.split(' / ')
  return say({ zh, en })
}
