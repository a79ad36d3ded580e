import { expect, password, test, type Page } from '../harness'
import { picture } from '../portal/resident'
import { act, report, signIn, view } from './officer'

// Files to the desk and from it: what is too large goes again smaller, and a session that ran out is signed in again.

const photo = (name: string, width = 80) => ({ name, mimeType: 'image/png', buffer: picture(width, width) })

async function signInAgain(page: Page) {
  const dialog = page.getByRole('dialog', { name: '登录工作台' })
  await expect(dialog.getByText('登录已过期')).toBeVisible()
  await dialog.getByLabel('密码', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: '登录', exact: true }).click()
}

test('a photo that is too large is sent smaller, though the session ran out', async ({ page, server }) => {
  const made = await report(server, '井盖缺了一角，车过就响')
  await act(server, made.number, 'here', { note: '去看看' })
  await act(server, made.number, 'take', {}, 'wangge')
  await signIn(page, server, 'wangge')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  const sheet = page.getByRole('region', { name: '反馈' })
  await sheet.getByRole('textbox').first().fill('已换新井盖，周边抹平')
  const large = photo('井盖.png', 1000)
  await sheet.locator('input[type=file]').setInputFiles(large)
  await expect(sheet.locator('.photos img')).toHaveCount(1)
  let refused = 0
  await page.route('**/api/v1/cases/*/files/*', (route) => {
    if (route.request().method() !== 'PUT' || refused++) return route.continue()
    return route.fulfill({ status: 413, contentType: 'text/html', body: 'too large' })
  })
  await page.context().clearCookies()
  await sheet.getByRole('button', { name: '反馈', exact: true }).click()
  await signInAgain(page)
  await expect(page.getByText('“反馈”已办好')).toBeVisible({ timeout: 30_000 })
  const now = await view(server, made.number, 'wangge')
  expect(now.timeline.filter((e) => e.action === 'feed_back')).toHaveLength(1)
  expect(now.files).toHaveLength(1)
  expect(now.files[0]!.size).toBeLessThan(large.buffer.length)
})

test('a form with its photos is kept: another case, a reload, not a signing out', async ({ page, server, audit }) => {
  const made = await report(server, '花坛的围边塌了')
  await act(server, made.number, 'here', { note: '去看看' })
  await act(server, made.number, 'take', {}, 'wangge')
  await signIn(page, server, 'wangge')
  await page.goto(`/desk/cases/${made.number}`)
  const feedBack = page.getByRole('button', { name: '反馈', exact: true })
  const sheet = page.getByRole('region', { name: '反馈' })
  await feedBack.click()
  await sheet.getByRole('textbox').first().fill('围边已砌好')
  await sheet.locator('input[type=file]').setInputFiles([photo('前.png'), photo('后.png')])
  await expect(sheet.locator('.photos img')).toHaveCount(2)
  await page.getByRole('link', { name: '回到列表' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '事项', exact: true })).toBeVisible()
  await page.goBack()
  await feedBack.click()
  await expect(sheet.getByRole('textbox').first()).toHaveValue('围边已砌好')
  await expect(sheet.locator('.photos img')).toHaveCount(2)
  await page.reload()
  await feedBack.click()
  await expect(sheet.getByRole('textbox').first()).toHaveValue('围边已砌好')
  await expect(sheet.getByText(/先前选的 2 张照片没有留住/)).toBeVisible()
  await audit('a form after a reload')
  await sheet.locator('input[type=file]').setInputFiles([photo('再选.png')])
  await expect(sheet.getByText(/没有留住/)).toHaveCount(0)
  await page.getByRole('button', { name: /账号$/ }).click()
  await page.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '登录工作台' })).toBeVisible()
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('围边')
})

test('a workbook is asked for again after signing in, and says why it did not come', async ({ page, server }) => {
  await signIn(page, server, 'paidan')
  await page.goto('/desk/cases?scope=area&state=all')
  const button = page.getByRole('button', { name: '导出表格' })
  await expect(button).toBeVisible()
  await page.context().clearCookies()
  await button.click()
  const coming = page.waitForEvent('download')
  await signInAgain(page)
  const file = await coming
  expect(file.suggestedFilename()).toMatch(/\.xlsx$/)
  expect(await file.failure()).toBeNull()
  await page.route('**/api/v1/exports/*', (route) => route.abort())
  await button.click()
  await expect(page.getByRole('alert').getByText(/没有连上服务器/)).toBeVisible()
})
