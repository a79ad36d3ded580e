import { expect, type Page } from './harness'

/**
 * On a phone everything that is pressed is large enough for a finger: 44 by 44, in large print 48 by 48. Links within a
 * sentence are as high as its lines (WCAG 2.5.8), and what is drawn on a map lies where it lies.
 */
export async function fitsFingers(page: Page, what: string) {
  if ((page.viewportSize()?.width ?? 0) > 600) return
  const small = await page.evaluate(() => {
    const least = (document.documentElement.dataset['print'] === 'large' ? 48 : 44) - 0.5
    const pressed = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [role=option]'
    const within = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document
    const inSentence = (e: Element) =>
      getComputedStyle(e).display === 'inline' &&
      [...(e.parentElement?.childNodes ?? [])].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent!.trim().length > 1)
    /** Read out, not seen: the heads of a table that is shown as cards. */
    const clipped = (e: Element | null): boolean => !!e && (getComputedStyle(e).clipPath === 'inset(50%)' || clipped(e.parentElement))
    /** What takes the touch for it: itself, or the label it is written in. */
    const targets = (e: Element) => [e, ...((e as HTMLInputElement).labels ?? [])]
    const large = (e: Element) => {
      const { width, height } = e.getBoundingClientRect()
      return width >= least && height >= least
    }
    /** Its ground may be larger than its box: whether a touch so far from its middle is its own. */
    const reaches = (e: Element) => {
      e.scrollIntoView({ block: 'center', inline: 'nearest' })
      const { left, top, width, height } = e.getBoundingClientRect()
      const [x, y, far] = [left + width / 2, top + height / 2, least / 2 - 0.5]
      return [
        [x - far, y],
        [x + far, y],
        [x, y - far],
        [x, y + far],
      ].every(([x, y]) => {
        const hit = document.elementFromPoint(x!, y!)
        return !!hit && targets(e).some((t) => t.contains(hit))
      })
    }
    const at = { x: scrollX, y: scrollY }
    const found = [...within.querySelectorAll<HTMLElement>(pressed)]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.leaflet-marker-icon, .skip, [inert]'))
      .filter((e) => !targets(e).every(clipped))
      .filter((e) => !inSentence(e) && !targets(e).some(large) && !reaches(e))
      .map((e) => {
        const { width, height } = e.getBoundingClientRect()
        const name = (e.ariaLabel || e.textContent || (e as HTMLInputElement).labels?.[0]?.textContent || e.id).trim().slice(0, 20)
        return `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} “${name}” ${Math.round(width)} x ${Math.round(height)}`
      })
    scrollTo({ left: at.x, top: at.y, behavior: 'instant' })
    return [...new Set(found)]
  })
  expect.soft(small, `${what}: too small for a finger`).toEqual([])
}
