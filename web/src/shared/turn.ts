/**
 * Lets the browser do what waits: draw, and answer a tap. A slow phone takes long for what a page does at its start; in
 * short pieces it stays usable meanwhile.
 */
export function nextTurn(): Promise<void> {
  return new Promise((done) => setTimeout(done))
}

/** When the browser has drawn what there is; at once in a window that nobody sees. */
export function drawn(): Promise<void> {
  return new Promise((done) => {
    if (document.visibilityState === 'hidden') return done()
    requestAnimationFrame(() => setTimeout(done))
    setTimeout(done, 300) // a window that is hidden meanwhile draws nothing
  })
}
