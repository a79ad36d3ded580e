/**
 * The page as the server sent it, before the program is there: the screen as it begins, in both languages (see
 * scripts/pages.mjs). Its links work: the program begins at the address that was tapped.
 */
export function useShell() {
  for (const page of document.querySelectorAll<HTMLElement>('.shell')) if (page.lang !== document.documentElement.lang) page.remove()
  const shell = { followed: false, leave: () => document.removeEventListener('click', follow) }

  function follow(tap: MouseEvent) {
    const link = tap.target instanceof Element ? tap.target.closest<HTMLAnchorElement>('.shell a[href^="/"]') : null
    if (!link || tap.button || tap.ctrlKey || tap.metaKey || tap.shiftKey || tap.altKey) return
    tap.preventDefault()
    if (link.href === location.href) return
    history.pushState(null, '', link.href)
    shell.followed = true
  }
  document.addEventListener('click', follow)
  return shell
}
