import { existsSync } from 'node:fs'

/**
 * The browser that tests, pictures and measurements run in: CHROMIUM, or what is installed. The headless shell is Chromium
 * without its window, of the same source; it needs two thirds of the processor.
 */
export const executablePath =
  process.env.CHROMIUM ??
  ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
    .map((name) => `/usr/bin/${name}`)
    .find((path) => existsSync(path))
