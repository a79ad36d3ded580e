import { randomUUID } from 'node:crypto'
import { expect, test } from '../harness'
import { inEveryLook } from '../looks'
import { grid, picture, words } from './resident'
import { zh } from '../../src/portal/locales/zh-CN'
import { en } from '../../src/portal/locales/en'
import { zh as sharedZh } from '../../src/shared/i18n/zh-CN'
import { en as sharedEn } from '../../src/shared/i18n/en'

// What opens on a page, and pages in the state they are really seen in: filled in, with a mistake, with a photo.
// Each in both languages, light and dark, in both prints.

for (const [lang, own, shared] of [
  ['zh', zh, sharedZh],
  ['en', en, sharedEn],
] as const) {
  test(`a report being written, with its mistakes: ${lang}`, { tag: '@phone' }, async ({ page, audit }) => {
    test.setTimeout(300_000)
    const next = page.getByRole('button', { name: shared.do.next, exact: true })
    await page.goto(`/report/what?kind=problem&lang=${lang}`)
    await next.click()
    await expect(page.getByRole('alert')).toBeFocused()
    await inEveryLook(page, audit, 'nothing written')
    await page.getByRole('textbox', { name: own.what.label }).fill(words())
    await expect(page.getByRole('radio').first()).toBeVisible() // what it may be about
    await inEveryLook(page, audit, 'written')
    await next.click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(own.where.title)
    await page.getByText(own.where.ways.grid, { exact: true }).click()
    await expect(page.getByRole('searchbox')).toBeVisible()
    await expect(page.locator('.areas button').first()).toBeVisible()
    await inEveryLook(page, audit, 'choosing the grid')
    await page.getByText(own.where.ways.map, { exact: true }).click()
    await expect(page.locator('.leaflet-interactive').first()).toBeAttached()
    await inEveryLook(page, audit, 'on the map')
    await page.getByText(own.where.ways.address, { exact: true }).click()
    await page.locator('#address').fill('如皋市长江镇（如皋港区）迎新社区第一网格滨河路一百二十八号院东门')
    await page.locator('#address').blur()
    await expect(page.getByText(own.where.understood)).toBeVisible()
    await inEveryLook(page, audit, 'by an address')
    await next.click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(own.photo.title)
    await page.locator('input[type=file]').setInputFiles({ name: '远.png', mimeType: 'image/png', buffer: picture(60, 60) })
    await expect(page.locator('.photos img')).toHaveCount(1)
    await inEveryLook(page, audit, 'a photo')
    await next.click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(own.check.title)
    await expect(page.locator('dl img')).toHaveCount(1)
    await page.locator('#reporter-phone').fill('123')
    await page.getByRole('button', { name: own.check.send }).click()
    await expect(page.getByRole('alert')).toBeFocused()
    await inEveryLook(page, audit, 'a wrong number before sending')
    await page.getByText(own.contact.anonymous, { exact: true }).click()
    await inEveryLook(page, audit, 'anonymous')
  })

  test(`what opens on the other pages: ${lang}`, { tag: '@phone' }, async ({ page, server, audit }) => {
    test.setTimeout(300_000)
    const { code } = await server.ask<{ code: string }>('/api/v1/cases', {
      method: 'POST',
      body: { id: randomUUID(), text: words(), place: { area: grid.code } },
    })
    await page.goto(`/track?lang=${lang}`)
    await page.getByRole('button', { name: own.track.go }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await inEveryLook(page, audit, 'a wrong code')
    await page.goto(`/t/${code}?lang=${lang}`)
    await page.locator('summary').last().click()
    await page.getByText(own.progress.addPhotos).click()
    await page.locator('section button.primary, section .row button').first().click()
    await expect(page.locator('#doing')).toBeVisible()
    await inEveryLook(page, audit, 'a form of the reporter')
    await page.goto(`/results?lang=${lang}`)
    await page.locator('button.area').click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.locator('.areas button').first()).toBeVisible()
    await inEveryLook(page, audit, 'choosing a place')
    // with the keyboard alone: down a level, closed, and back where one was
    await dialog.locator('.areas button').first().focus()
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('button', { name: shared.area.up })).toBeVisible()
    await expect(dialog.locator('.areas button').first()).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    await expect(page.locator('button.area')).toBeFocused()
  })
}
