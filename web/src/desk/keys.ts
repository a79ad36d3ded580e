import { onBeforeUnmount, onMounted } from 'vue'

/** While somebody types, or a dialog stands in front, letters are letters. */
function typing(event: KeyboardEvent) {
  const at = event.target as HTMLElement | null
  if (document.querySelector('dialog[open]')) return true
  if (!at?.closest) return false
  if (at.closest('textarea, select, [contenteditable], .leaflet-container')) return true
  const input = at.closest('input')
  return !!input && !['checkbox', 'radio', 'button'].includes(input.type)
}

/**
 * Shortcuts of a screen, as long as it is shown: one key ("j", "?", "Enter") or two in a row ("g h").
 * What a handler answers with false is left to the browser.
 */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void | boolean>) {
  let first = ''
  let forget: ReturnType<typeof setTimeout>
  function hear(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event)) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const pair = first ? `${first} ${key}` : ''
    const handler = (pair && keys[pair]) || keys[key]
    clearTimeout(forget)
    first = key
    forget = setTimeout(() => (first = ''), 900)
    if (!handler || (!keys[pair] && event.defaultPrevented)) return
    if (handler(event) !== false) {
      event.preventDefault()
      first = ''
    }
  }
  onMounted(() => document.addEventListener('keydown', hear))
  onBeforeUnmount(() => {
    document.removeEventListener('keydown', hear)
    clearTimeout(forget)
  })
}
