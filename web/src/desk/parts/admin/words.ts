import { t } from '@/shared/i18n'

/** The words of one part of the administration: `const w = words('areas')`, then `w('title')`. */
export const words =
  (part: string) =>
  (key: string, values: Record<string, unknown> = {}): string =>
    t(`desk.admin.${part}.${key}`, values)
