import { centre, expect, inState, send, test, write, type Page } from './county'

// What presses most, what is near, and what somebody has reported here before.

/** The titles of the tasks, from the top. */
const titles = (page: Page) => page.getByRole('article').locator('.title').allInnerTexts()
const south = (from: { lat: number; lon: number }, metres: number) => ({ lat: from.lat - metres / 111_195, lon: from.lon })

test('today goes by urgency and the clock, or by what is near; also without signal', async ({ county, worker: page, context, audit }) => {
  test.setTimeout(180_000)
  const middle = await centre(county)
  const stands = (p: { lat: number; lon: number }, accuracy = 12) => context.setGeolocation({ latitude: p.lat, longitude: p.lon, accuracy })
  const [usual, urgent] = [`河边垃圾桶满了 ${Date.now()}`, `桥头护栏断了一截 ${Date.now()}`]
  await county.task(usual, '滨河路南头', south(middle, 45))
  const pressing = await county.task(urgent, '滨河路北头', south(middle, -45))
  await county.act(pressing.id, 'correct', { urgency: 'urgent', reason: '有人要掉下去' })
  await page.getByRole('button', { name: '刷新' }).click()
  const group = page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name: /^紧急 \d+ 件$/ }) })
  await expect(group.getByRole('article').filter({ hasText: urgent })).toBeVisible()
  const place = async (what: string) => (await titles(page)).indexOf(what)
  expect(await place(urgent)).toBeLessThan(await place(usual))
  await expect(page.getByText(/^约 \d/)).toHaveCount(0) // nobody has asked where I am

  await context.setOffline(true)
  await stands(south(middle, 345))
  await page.getByRole('button', { name: '附近' }).click()
  const card = (what: string) => page.getByRole('article').filter({ hasText: what })
  await expect(card(usual)).toContainText('约 300 米')
  await expect(card(urgent)).toContainText('约 400 米')
  expect(await place(usual)).toBeLessThan(await place(urgent))
  await expect(page.getByRole('button', { name: '附近' })).toHaveAttribute('aria-pressed', 'true')
  await audit('today by what is near')

  // the tasks screen goes on with it; the way back is one tap
  await page.getByRole('link', { name: '任务' }).click()
  await expect(card(usual)).toContainText('约 300 米')
  expect(await place(usual)).toBeLessThan(await place(urgent))
  await page.getByRole('button', { name: '按急缓' }).click()
  await expect(card(usual)).not.toContainText('约 300 米')
  expect(await place(urgent)).toBeLessThan(await place(usual))
})

test('a position that is not allowed is said plainly, and the order stays', async ({ county, worker: page, context, audit }) => {
  const two = [`楼道里堆了纸箱 ${Date.now()}`, `车棚灯坏了 ${Date.now()}`] as const
  for (const what of two) await county.task(what)
  await context.clearPermissions()
  await page.getByRole('button', { name: '刷新' }).click()
  await expect(page.getByRole('article').filter({ hasText: two[1] })).toBeVisible()
  await page.getByRole('button', { name: '附近' }).click()
  await expect(page.getByText('没有允许用位置，排不出远近')).toContainText('浏览器设置')
  await expect(page.getByRole('button', { name: '附近' })).toHaveAttribute('aria-pressed', 'false')
  expect((await titles(page)).filter((what) => two.some((w) => w === what))).toEqual(two) // by the clock, as before
  await audit('position refused')
})

test('a report tells quietly what was reported here before, and goes all the same', async ({ county, worker: page, context, audit }) => {
  const words = `滨河路井盖破损，车压过去有响声 ${Date.now()}`
  const first = await county.task(words, '滨河路', await centre(county))
  await write(page, words)
  const before = page.getByRole('complementary', { name: '有人报过' })
  await expect(before.getByRole('link').filter({ hasText: words })).toBeVisible()
  await audit('reported before')
  await before.getByRole('link').filter({ hasText: words }).click()
  await expect(page).toHaveURL(new RegExp(first.id))
  await page.goto('/field/report')
  await expect(page.getByLabel('什么事')).toHaveValue(words) // what was written is still there
  await expect(before).toBeVisible()
  await context.setOffline(true)
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(1)
  await context.setOffline(false)
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect(await county.count(words)).toBe(2)
})
