import { randomUUID } from 'node:crypto'
import { inEveryLook } from '../looks'
import { expect, inState, password, photo, test } from './county'
import { zh } from '../../src/field/locales/zh-CN'
import { en } from '../../src/field/locales/en'
import { zh as sharedZh } from '../../src/shared/i18n/zh-CN'
import { en as sharedEn } from '../../src/shared/i18n/en'

// Every dialog and every form of the app, in both languages, light and dark, in both prints.

for (const [lang, own, shared] of [
  ['zh', zh, sharedZh],
  ['en', en, sharedEn],
] as const) {
  test(`every dialog and form: ${lang}`, { tag: '@phone' }, async ({ county, worker: page, context, audit, server }) => {
    test.setTimeout(420_000)
    const title = '如皋市长江镇（如皋港区）滨江新村东侧河道栏杆松动需要尽快维修并围挡'
    const task = await county.task(title, '如皋市长江镇（如皋港区）滨河路一百二十八号院东门')
    const { secret } = await server.ask<{ secret: string }>('/api/v1/session', { method: 'POST', body: { login: 'wangge', password } })
    const sent = await fetch(`${server.url}/api/v1/cases/${task.id}/files/${randomUUID()}?name=before.jpg&use=before`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'image/jpeg' },
      body: new Uint8Array((await photo(page, 'before.jpg', 120)).buffer),
    })
    expect(sent.status).toBe(201)
    await page.evaluate(
      (language) => localStorage.setItem('linli-preferences', JSON.stringify({ language })),
      lang === 'en' ? 'en' : 'zh-CN',
    )
    const closes = () => page.getByRole('dialog').getByRole('button', { name: shared.do.close, exact: true }).click()

    await page.goto(`/field/cases/${task.id}`)
    await page.locator('figure button').first().click()
    await expect(page.getByRole('dialog').getByRole('img')).toBeVisible()
    await inEveryLook(page, audit, 'a photo')
    await page.keyboard.press('Escape')
    await expect(page.locator('figure button').first()).toBeFocused()
    await county.act(task.id, 'take', {}, 'wangge')
    await page.reload()
    const steps = page.getByRole('region', { name: own.case.steps }).getByRole('button')
    await expect(steps.nth(2)).toBeVisible()
    const names = await steps.allInnerTexts()
    expect(names.length).toBeGreaterThan(3)
    for (const name of names) {
      await page.getByRole('region', { name: own.case.steps }).getByRole('button', { name, exact: true }).click()
      await expect(page.getByRole('button', { name: shared.do.cancel, exact: true })).toBeVisible()
      await audit(`form ${name}`)
      if (name === names[0]) await inEveryLook(page, audit, `form ${name}`)
      await page.getByRole('button', { name: shared.do.cancel, exact: true }).click()
    }

    await page.goto('/field/report')
    await page.locator('#category').fill(lang === 'en' ? 'a' : '路')
    await expect(page.locator('.list button').first()).toBeVisible()
    await inEveryLook(page, audit, 'choosing a category')
    // written down without signal, and put right before it goes
    await context.setOffline(true)
    await page.locator('main textarea').first().fill('滨河路一百二十八号院东门的路灯不亮')
    await page.locator('main form button[type=submit]').click()
    await expect(inState(page, 'waiting')).toHaveCount(1)
    const edit = page.getByRole('button', { name: shared.do.edit, exact: true })
    await edit.click()
    const report = page.getByRole('dialog', { name: own.outbox.edit })
    await report.locator('#edit-text').fill('')
    await report.locator('button[type=submit]').click()
    await expect(report.locator('#edit-text')).toBeFocused()
    await inEveryLook(page, audit, 'putting a report right')
    await page.keyboard.press('Escape')
    await expect(report).toHaveCount(0)
    await expect(edit).toBeFocused()
    await context.setOffline(false)
    await expect(inState(page, 'sent')).toHaveCount(1)

    await page.goto('/field/grid')
    await page
      .getByRole('button', { name: new RegExp(own.grid.call) })
      .first()
      .click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await inEveryLook(page, audit, 'calling a colleague')
    await closes()
    await expect(page.getByRole('dialog')).toHaveCount(0)

    // a step that meets another's, and one that is refused for another reason
    await page.goto(`/field/cases/${task.id}`)
    await expect(steps.first()).toBeVisible()
    await context.setOffline(true)
    await steps.first().click()
    await page.locator('main textarea').first().fill('我已经把栏杆焊好了')
    await page.locator('main form button[type=submit]').click()
    await expect(inState(page, 'waiting')).toHaveCount(1)
    await county.act(task.id, 'transfer', { post: 'grid-head@320682001001001', reason: '换网格长办' }, 'wangge')
    await context.setOffline(false)
    await page.goto('/field/outbox')
    await page.getByRole('button', { name: own.outbox.decide }).click()
    await expect(page.getByRole('dialog').getByRole('button', { name: own.conflict.asNote })).toBeVisible()
    await inEveryLook(page, audit, 'somebody else changed it')
    await closes()
    await page.evaluate(async () => {
      const name = (await indexedDB.databases()).find((d) => d.name?.startsWith('linli-field-'))!.name!
      const db = await new Promise<IDBDatabase>(
        (done) => (indexedDB.open(name).onsuccess = (e) => done((e.target as IDBOpenDBRequest).result)),
      )
      const at = db.transaction('items', 'readwrite').objectStore('items')
      const items = await new Promise<{ state: string; reason: unknown }[]>(
        (done) => (at.getAll().onsuccess = (e) => done((e.target as IDBRequest).result)),
      )
      const refused = items.find((i) => i.state === 'refused')!
      refused.reason = { code: 'not-now', title: '这一步现在不能做', detail: '事项已转给别人' }
      await new Promise((done) => (at.put(refused).onsuccess = done))
      db.close()
    })
    await page.reload()
    await inEveryLook(page, audit, 'outbox, refused')
    await page.getByRole('button', { name: own.outbox.keepWords }).click()
    await expect(page.getByRole('dialog').getByRole('button', { name: own.conflict.asNote })).toBeVisible()
    await inEveryLook(page, audit, 'keeping the words')
    await closes()
    await page.getByRole('button', { name: shared.do.edit, exact: true }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await inEveryLook(page, audit, 'changing what was refused')
    await closes()

    await page.goto('/field/me')
    await inEveryLook(page, audit, 'me')
    await page.getByRole('button', { name: own.bring.title }).click()
    await page.locator('#parcel').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{}') })
    await expect(page.getByText(own.bring.notOurs)).toBeVisible()
    await inEveryLook(page, audit, 'bringing a file back')
    await closes()
    await page.getByRole('button', { name: shared.do.signOut }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await inEveryLook(page, audit, 'leaving with unsent work')
    await closes()

    await context.clearCookies()
    await page.goto('/field/outbox')
    await expect(page.getByRole('dialog')).toBeVisible()
    await inEveryLook(page, audit, 'signing in again')
    await closes()
    await expect(page.getByText(own.expired)).toBeVisible()
    await inEveryLook(page, audit, 'the session ended')
  })
}
