import { renderToString } from 'vue/server-renderer'
import { createMemoryHistory } from 'vue-router'
import { makeFace } from '@/shared/face'
import { speak, type Language } from '@/shared/i18n'
import { portal } from './begin'

/**
 * A screen as it begins, before any answer is there, in both languages; without an address what all screens share. Run
 * at the build, see scripts/pages.mjs.
 */
export async function draw(address?: string): Promise<string> {
  const drawn: string[] = []
  for (const language of ['zh-CN', 'en'] satisfies Language[]) {
    const { app, router } = await makeFace(portal, createMemoryHistory())
    await speak(language)
    if (address) await router.push(address)
    drawn.push(`<div class="shell" lang="${language}">${still(await renderToString(app))}</div>`)
  }
  return drawn.join('')
}

/** What cannot work before the program is there takes no tap and no letter, rather than losing it. */
function still(html: string): string {
  return html
    .replace(/<!--.*?-->/g, '')
    .replace(/<(button|input|select|textarea)\b/g, '<$1 disabled')
    .replace(/<form\b[^>]*>/g, (form) => form.replace(/ (action|method)="[^"]*"/g, ''))
}
