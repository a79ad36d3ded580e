import { defineConfig } from '@playwright/test'
import { executablePath } from './scripts/chromium.mjs'

// Browser tests of the three faces against the program itself, on Debian's Chromium.

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
const desktop = { viewport: { width: 1280, height: 800 } }

export default defineConfig({
  testDir: 'tests',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  forbidOnly: true,
  fullyParallel: false,
  workers: 2,
  // on a machine that may be busy: a test that waits for what never comes fails all the same
  timeout: 150_000,
  expect: { timeout: 30_000 },
  // in continuous integration a failed test is tried once more, and listed as flaky: then it is to be mended
  retries: process.env['CI'] ? 1 : 0,
  reporter: [['list']],
  use: {
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    actionTimeout: 30_000,
    trace: 'off',
    launchOptions: { executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] },
  },
  // Main journeys and the looks of every screen are walked at both sizes; what goes wrong, and rules that know no screen, at the one
  // their face is used at. Long walks over every screen take turns too: a look that differs in its colours only is seen at one size.
  projects: [
    {
      name: 'phone',
      use: phone,
      testIgnore: [
        '**/*.desktop.spec.ts',
        '**/desk/{audit,board,models,whole,work.filters,work.judge,work.live,work.photos,work.trouble,work.who}.spec.ts',
      ],
      grepInvert: /@desktop/,
    },
    {
      name: 'desktop',
      use: desktop,
      testIgnore: [
        '**/field/{arrivals,board,leave,luck,meanwhile,near,new-version,order,outbox,password,pictures,reporter,trouble}.spec.ts',
        '**/portal/{first,luck,map,meanwhile,photos,speed,windows}.spec.ts',
      ],
      grepInvert: /@phone/,
    },
  ],
})
