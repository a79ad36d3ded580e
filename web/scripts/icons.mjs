// Draws the icons of the field app from the seal, with Chromium: node scripts/icons.mjs. They are committed; run it
// again when the seal changes.
import { readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { executablePath } from './chromium.mjs'

const root = new URL('../public/', import.meta.url).pathname
const seal = readFileSync(`${root}seal.svg`, 'utf8')
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
for (const size of [192, 512])
  for (const maskable of [false, true]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    // a maskable icon may be cut to a circle of 80 %: the seal stays inside, on its own red
    const inner = maskable ? Math.round(size * 0.72) : size
    const style = `html,body{margin:0;width:${size}px;height:${size}px;display:grid;place-items:center;${maskable ? 'background:#B93A26' : 'background:transparent'}}svg{width:${inner}px;height:${inner}px;display:block}`
    await page.setContent(`<style>${style}</style>${seal}`)
    await page.screenshot({ path: `${root}field/icon-${maskable ? 'maskable-' : ''}${size}.png`, omitBackground: true })
    await page.close()
  }
await browser.close()
