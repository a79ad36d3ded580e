import { expect, kept, password, signIn, test, write } from './county'

// One's own password, without leaving the app.

test('a one-time password is replaced here, and the day begins', async ({ server, page, audit }) => {
  const login = `xinshou${Date.now()}`
  const [once, mine] = ['yi-ci-xing-2026', 'wo-zi-ji-de-mi-ma-2026']
  await server.ask('/api/v1/people', {
    as: 'guanli',
    method: 'POST',
    body: { login, name: '沈新来', password: once, must_change: true },
  })
  await page.goto('/field/')
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码', { exact: true }).fill(once)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: '设一个新密码' })).toBeVisible()
  await audit('one-time password')
  await page.getByLabel('现在的密码').fill('not this one at all')
  await page.getByLabel('新密码', { exact: true }).fill(mine)
  await page.getByLabel('再输一遍新密码').fill(mine)
  await page.getByRole('button', { name: '换成新密码' }).click()
  await expect(page.getByRole('alert').first()).toBeVisible()
  await page.getByLabel('现在的密码').fill(once)
  await page.getByRole('button', { name: '换成新密码' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('今天')
  await expect(page).toHaveURL(/\/field\/$/)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('今天')
})

test('under Me the password is changed, and what was begun stays', async ({ server, page, context, audit }) => {
  const login = `laoshou${Date.now()}`
  const fresh = 'huan-yi-ge-mi-ma-2026'
  await server.ask('/api/v1/people', { as: 'guanli', method: 'POST', body: { login, name: '沈老手', password } })
  await signIn(page, login)
  await write(page, '路边一棵树要倒')
  await expect.poll(() => kept(page)).toHaveProperty(['draft:report', 'text'], '路边一棵树要倒')
  await page.goto('/field/me')
  await page.getByRole('button', { name: '改密码' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('现在的密码').fill(password)
  await dialog.getByLabel('新密码', { exact: true }).fill(fresh)
  await dialog.getByLabel('再输一遍新密码').fill('another one entirely')
  await dialog.getByRole('button', { name: '换成新密码' }).click()
  await expect(dialog.getByText('两次输入的新密码不一样')).toBeVisible()
  await audit('changing the password')
  await dialog.getByLabel('再输一遍新密码').fill(fresh)
  await context.setOffline(true)
  await expect(dialog.getByText('改密码要有信号')).toBeVisible()
  await context.setOffline(false)
  await dialog.getByRole('button', { name: '换成新密码' }).click()
  await expect(page.getByText('密码已换好')).toBeVisible()
  await server.ask('/api/v1/session', { method: 'POST', body: { login, password: fresh } })
  await page.goto('/field/report')
  await expect(page.getByLabel('什么事')).toHaveValue('路边一棵树要倒')
})
