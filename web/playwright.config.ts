import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

// Browser tests of the three faces against the program itself, on Debian's Chromium.
const chromium = process.env['CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
const desktop = { viewport: { width: 1280, height: 800 } }

export default defineConfig({
  testDir: 'tests',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  forbidOnly: true,
  fullyParallel: false,
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    actionTimeout: 15_000,
    trace: 'off',
    launchOptions: { executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] },
  },
  projects: [
    // long walks over every screen take turns: a look that differs in its colours only is seen at one size
    { name: 'phone', use: phone, testIgnore: '**/*.desktop.spec.ts', grepInvert: /@desktop/ },
    // the rules of the outbox and of the order know no screen
    { name: 'desktop', use: desktop, testIgnore: '**/{outbox,order}.spec.ts', grepInvert: /@phone/ },
  ],
})
