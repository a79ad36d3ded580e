import { expect, test } from '../harness'
import { filesOf, goOn, picture, sayHere, send, words } from './resident'

// A photo that is shown is kept: whatever happens to the page afterwards, it is there.

const photo = (name: string) => ({ name, mimeType: 'image/png', buffer: picture(80, 80) })

test('the page is loaded anew in the very moment a photo is shown: it is still there', async ({ page, server }) => {
  await sayHere(page, words('墙上有裂缝'))
  await page.getByRole('button', { name: '下一步' }).click()
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.querySelector('.photos img')) location.reload()
    }).observe(document.body, { childList: true, subtree: true })
  })
  const loaded = page.waitForEvent('load')
  await page.locator('input[type=file]').setInputFiles(photo('裂缝.png'))
  await loaded
  await expect(page.locator('.photos img')).toHaveCount(1)
  await page.getByRole('button', { name: '下一步' }).click()
  const code = await send(page)
  await expect(page.getByText('1 张照片已送到')).toBeVisible()
  expect(await filesOf(server, code)).toHaveLength(1)
})

test('while a photo is being kept that is said, and nobody goes on without it', async ({ page, audit }) => {
  await sayHere(page, words('井盖松了'))
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('有照片吗？')
  // the browser is busy with something else
  await page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>(
      (done) => (indexedDB.open('linli-portal', 1).onsuccess = (e) => done((e.target as IDBOpenDBRequest).result)),
    )
    const busy = db.transaction('photos', 'readwrite')
    const spin = () => {
      if (!('free' in window)) busy.objectStore('photos').count().onsuccess = spin
    }
    busy.oncomplete = () => db.close()
    spin()
  })
  await page.locator('input[type=file]').setInputFiles([photo('远.png'), photo('近.png')])
  await expect(page.getByRole('status').filter({ hasText: '正在存 2 张照片' })).toBeAttached()
  await expect(page.locator('.photos li').filter({ hasText: '正在存…' })).toHaveCount(2)
  await expect(page.locator('.photos img')).toHaveCount(0)
  await expect(page.getByRole('button', { name: '下一步' })).toBeDisabled()
  await audit('photos being kept')
  await page.evaluate(() => Object.assign(window, { free: true }))
  await expect(page.locator('.photos img')).toHaveCount(2)
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.locator('dl img')).toHaveCount(2)
})

test('a photo that the browser will not keep is said so, and still goes along', async ({ page, context, server }) => {
  await context.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no room', 'QuotaExceededError')
    }
  })
  await sayHere(page, words('围栏倒了'))
  await page.getByRole('button', { name: '下一步' }).click()
  await page.locator('input[type=file]').setInputFiles([photo('一.png'), photo('二.png')])
  await expect(page.locator('.photos img')).toHaveCount(2)
  await expect(page.getByText('这个浏览器存不下照片')).toBeVisible()
  await page.getByRole('button', { name: '移除照片 1' }).click()
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.locator('dl img')).toHaveCount(1)
  const code = await send(page)
  await expect(page.getByText('1 张照片已送到')).toBeVisible()
  expect((await filesOf(server, code)).map((f) => f.name)).toEqual(['二.png'])
})

test('photos chosen for a report under way are there after a reload, and none is sent twice', async ({ page, server }) => {
  await sayHere(page, words('路面坑洞'))
  await goOn(page)
  const code = await send(page)
  await page.goto(`/t/${code}`)
  await page.getByText('补充照片').click()
  await page.locator('input[type=file]').setInputFiles([photo('一.png'), photo('二.png')])
  await expect(page.locator('details .photos img')).toHaveCount(2)
  await page.reload()
  await expect(page.locator('details .photos img')).toHaveCount(2)
  await page.getByRole('button', { name: '发送照片' }).click()
  await expect(page.getByText('2 张照片已送到')).toBeVisible()
  await page.reload()
  await expect(page.getByText('补充照片')).toBeVisible()
  await expect(page.locator('details .photos img')).toHaveCount(0)
  expect(await filesOf(server, code)).toHaveLength(2)
})
