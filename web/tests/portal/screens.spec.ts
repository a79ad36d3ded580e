import { expect, test } from '../harness'
import { fitsFingers } from '../touch'
import { goOn, grid, send, words } from './resident'

const looks = [
  { name: 'light', scheme: 'light', print: 'normal', language: 'zh-CN' },
  { name: 'dark', scheme: 'dark', print: 'normal', language: 'zh-CN' },
  { name: 'large print', scheme: 'light', print: 'large', language: 'zh-CN' },
  { name: 'large print, dark, English', scheme: 'dark', print: 'large', language: 'en' },
] as const

for (const look of looks) {
  test(`every screen: ${look.name}`, { tag: look.name === 'dark' ? '@desktop' : '@phone' }, async ({ page, server, audit }) => {
    test.setTimeout(240_000)
    await page.emulateMedia({ colorScheme: look.scheme })
    await page.addInitScript(
      ([print, language, code, name]) => {
        localStorage.setItem('linli-preferences', JSON.stringify({ print, language }))
        localStorage.setItem('linli-grid', JSON.stringify({ code, name }))
      },
      [look.print, look.language, grid.code, grid.name] as const,
    )
    const receipt = await server.ask<{ code: string }>('/api/v1/cases', {
      method: 'POST',
      body: { id: crypto.randomUUID(), text: words(), place: { area: grid.code } },
    })
    const { cases } = await server.ask<{ cases: { number: string }[] }>('/api/v1/public/cases?page_size=1')
    for (const path of [
      '/',
      '/report/what?kind=dispute',
      '/report/where',
      '/report/photo',
      '/track',
      `/sent/${receipt.code}`,
      `/t/${receipt.code}`,
      '/t/B000-ZZZZ-ZZZZ',
      '/results',
      '/results?state=open',
      `/results/${cases[0]!.number}`,
      '/grid',
      `/grid/${grid.code}`,
      `/g/${grid.code}`,
      `/board/${grid.code}`,
      '/help',
      '/about',
    ]) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText(/^(正在读取…|Loading…)$/)).toHaveCount(0)
      await audit(path)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(wide, `${path} is wider than its window`).toBeLessThanOrEqual(0)
      await fitsFingers(page, path)
    }
  })
}

test('in English a report is made and followed', async ({ page }) => {
  await page.goto('/?lang=en')
  await page.getByRole('link', { name: 'Help wanted' }).click()
  await page.getByRole('textbox').fill('My mother needs somebody to look after her on Tuesdays')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Hard to say').click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'No photos' }).click()
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('We have received it')
  await page.getByRole('link', { name: 'Follow the progress' }).first().click()
  await expect(page.locator('[aria-current=step]')).toContainText('Sort')
  expect(await page.locator('main').innerText()).not.toMatch(/正在|收到|进度/)
})

test('results are found by words, category and place', async ({ page, server }) => {
  const { cases } = await server.ask<{ cases: { title: string; area: string; category: string }[] }>('/api/v1/public/cases?page_size=20')
  const one = cases[0]!
  await page.goto('/results')
  await page.getByRole('searchbox').fill(one.title.slice(0, 4))
  await page.getByRole('button', { name: '搜索' }).click()
  await expect(page).toHaveURL(/q=/)
  await expect(page.getByRole('article').first()).toContainText(one.title.slice(0, 4))
  await page.getByRole('searchbox').fill('没有这样的事情')
  await page.getByRole('button', { name: '搜索' }).click()
  await expect(page.getByText('没有找到。')).toBeVisible()
  await page.goto(`/results?category=${one.category.slice(0, 2)}&area=${one.area}`)
  await expect(page.getByRole('article').first()).toBeVisible()
  await page.getByRole('article').getByRole('link').first().click()
  await expect(page.getByRole('heading', { name: '一件办好的事' })).toHaveCount(0)
  await expect(page.getByText('办结').first()).toBeVisible()
})

test('an address that is none, and large print that stays', async ({ page }) => {
  await page.goto('/help/nothing')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('没有这一页')
  await page.getByRole('button', { name: '长辈版' }).click()
  await page.reload()
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('20px')
})

test('the slip and the notice board are made for paper', async ({ page }) => {
  await page.goto(`/board/${grid.code}`)
  await expect(page.getByRole('img', { name: /二维码/ })).toBeVisible()
  const board = await page.pdf({ preferCSSPageSize: true })
  expect(board.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1)
  expect(board.toString('latin1')).toMatch(/MediaBox\s*\[\s*0 0 84[12][.\d]* 119[01]/)
  await page.goto('/report/what?kind=problem')
  await page.getByRole('textbox', { name: '是什么事' }).fill(words())
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByText('说不清，先报了再说').click()
  await goOn(page)
  const code = await send(page)
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByText(code, { exact: true })).toBeVisible()
  await expect(page.getByRole('contentinfo')).toBeHidden()
  const slip = await page.pdf({ format: 'A4' })
  expect(slip.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1)
})
