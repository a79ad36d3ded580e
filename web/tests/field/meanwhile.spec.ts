import { activate, draft, modelOf, restore } from '../ways'
import { expect, inState, photo, send, test, write } from './county'

// What happens behind a worker's back while something is being written: in another tab, or to the way of working.

test('two tabs with the same half-written report: each is a report of its own, with its own photos', async ({
  county,
  worker: page,
  context,
}) => {
  const words = `两个页面同一张草稿 ${Date.now()}`
  await context.setOffline(true)
  await write(page, `${words} 甲`, [await photo(page, '甲.jpg', 200)])
  const second = await context.newPage()
  await second.goto('/field/report')
  await expect(second.getByLabel('什么事')).toHaveValue(`${words} 甲`)
  await expect(second.getByRole('button', { name: /移除照片/ })).toHaveCount(1)
  await second.getByLabel('什么事').fill(`${words} 乙`)
  await second.locator('input[type=file]').setInputFiles([await photo(page, '乙.jpg', 200)])
  await expect(second.getByRole('button', { name: /移除照片/ })).toHaveCount(2)
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(2)
  await send(second)
  await expect(inState(second, 'waiting')).toHaveCount(5) // two reports with one and two photos
  await context.setOffline(false)
  for (const tab of [page, second]) await expect(inState(tab, 'sent')).toHaveCount(5)
  expect(await county.count(words)).toBe(2)
  expect((await county.caseOf(`${words} 甲`)).files).toHaveLength(1)
  expect((await county.caseOf(`${words} 乙`)).files).toHaveLength(2)
})

test('the same report sent from two tabs is one', async ({ county, worker: page, context }) => {
  const words = `两个页面都点了上报 ${Date.now()}`
  await context.setOffline(true)
  await write(page, words)
  const second = await context.newPage()
  await second.goto('/field/report')
  await expect(second.getByLabel('什么事')).toHaveValue(words)
  for (const tab of [page, second]) {
    await send(tab)
    await expect(inState(tab, 'waiting')).toHaveCount(1)
  }
  await context.setOffline(false)
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect(await county.count(words)).toBe(1)
})

test('the page is loaded anew in the very moment a photo is shown: report and step still have it', async ({ county, worker: page }) => {
  const reloadWhenShown = () =>
    page.evaluate(() => {
      new MutationObserver(() => {
        if (document.querySelector('.photos img')) location.reload()
      }).observe(document.body, { childList: true, subtree: true })
    })
  const taken = [await photo(page, '一.jpg', 200)]
  await page.getByRole('link', { name: '上报', exact: true }).click()
  await reloadWhenShown()
  let loaded = page.waitForEvent('load')
  await page.locator('input[type=file]').setInputFiles(taken)
  await loaded
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(1)

  const task = await county.task('拍了照手机就死机的事')
  await county.act(task.id, 'take', {}, 'wangge')
  await page.goto(`/field/cases/${task.id}`)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await page.getByLabel(/结果/).fill('换好了')
  await reloadWhenShown()
  loaded = page.waitForEvent('load')
  await page.locator('input[type=file]').nth(1).setInputFiles(taken)
  await loaded
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await expect(page.getByLabel(/结果/)).toHaveValue('换好了')
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(1)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await expect.poll(async () => (await county.view(task.id)).stage).toBe('verify')
  expect((await county.view(task.id)).files.map((f) => f.use)).toEqual(['after'])
})

test('another version of the model comes into use while a form is open: the case keeps its own, nothing typed is lost', async ({
  county,
  worker: page,
  context,
  server,
}) => {
  test.setTimeout(150_000)
  const task = await county.task('换办法时正在办的事')
  const own = await modelOf(server, task.id)
  await county.act(task.id, 'take', {}, 'wangge')
  await page.goto(`/field/cases/${task.id}`)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await page.getByLabel(/结果/).fill('换了新灯泡')
  await context.setOffline(true)
  const next = await draft(server, 'seven-step', (text) => text.replace(/overall: .*/, 'overall: {working_days: 6}'))
  await activate(server, 'seven-step', next.text)
  try {
    await page.getByRole('button', { name: '反馈', exact: true }).click()
    await context.setOffline(false)
    await expect.poll(async () => (await county.view(task.id)).stage, { timeout: 30_000 }).toBe('verify')
    const fed = (await county.view(task.id)).timeline.filter((e) => e.action === 'feed_back')
    expect(fed.map((e) => e.data.form!['result'])).toEqual(['换了新灯泡'])
    expect(await modelOf(server, task.id)).toBe(own)
  } finally {
    await restore(server, 'seven-step')
  }
})

test('what is being put right is not sent behind the form’s back', async ({ county, worker: page, context }) => {
  const words = `正在改的上报 ${Date.now()}`
  await context.setOffline(true)
  await write(page, words)
  await send(page)
  await page.getByRole('link', { name: '今天' }).click()
  await write(page, `另一条 ${words}`)
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(2)
  await inState(page, 'waiting').filter({ hasNotText: '另一条' }).getByRole('button', { name: '修改', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('什么事').fill(`${words}，改成二号楼`)
  await context.setOffline(false)
  await expect.poll(() => county.count(`另一条 ${words}`)).toBe(1) // there is signal, and the other has gone
  expect(await county.count(words)).toBe(1)
  await expect(dialog.getByLabel('什么事')).toHaveValue(`${words}，改成二号楼`)
  await dialog.getByRole('button', { name: '保存并发送' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(inState(page, 'sent')).toHaveCount(2)
  expect(await county.count(`${words}，改成二号楼`)).toBe(1)
  expect(await county.count(words)).toBe(2)
})
