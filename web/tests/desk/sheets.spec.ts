import AxeBuilder from '@axe-core/playwright'
import { expect, password, test, type Page } from '../harness'
import { picture } from '../portal/resident'
import { fitsFingers } from '../touch'
import { act, grid, identifier, report, signIn } from './officer'
import { zh } from '../../src/desk/locales/zh-CN'
import { en } from '../../src/desk/locales/en'
import { zh as sharedZh } from '../../src/shared/i18n/zh-CN'
import { en as sharedEn } from '../../src/shared/i18n/en'

// Every dialog and sheet of the desk: opened by the keyboard it takes the focus, has no barrier, Esc closes it, and the
// focus is back where it was. In Chinese at a desk; in English, dark and in large print on a phone, where it is tightest.

type Opener = ReturnType<Page['locator']>

for (const [lang, own, shared, tag] of [
  ['zh', zh, sharedZh, '@desktop'],
  ['en', en, sharedEn, '@phone'],
] as const) {
  const w = own.admin
  const look = lang === 'en' ? { language: 'en', theme: 'dark', print: 'large' } : { language: 'zh-CN', theme: 'light', print: 'normal' }

  /** What is open has no barrier, is as wide as the window at most, and fits a finger on a phone. */
  async function sound(page: Page, box: string, what: string) {
    const { violations } = await new AxeBuilder({ page }).include(box).analyze()
    expect.soft(violations.map((v) => `${what}: ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([])
    const over = await page.locator(box).evaluate((e) => e.scrollWidth - e.clientWidth)
    expect.soft(over, `${what}: wider than its window`).toBeLessThanOrEqual(0)
    await fitsFingers(page, what)
  }

  async function opens(page: Page, opener: Opener, what: string) {
    await expect(opener, what).toBeEnabled()
    await opener.press('Enter')
    await expect(page.locator('dialog[open]:focus-within'), `${what}: the focus is inside`).toHaveCount(1)
  }
  async function closes(page: Page, opener: Opener, what: string) {
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog'), `${what}: Esc closes it`).toHaveCount(0)
    await expect.soft(opener, `${what}: the focus is back`).toBeFocused()
  }
  async function dialog(page: Page, opener: Opener, what: string, inside?: () => Promise<unknown>) {
    await opens(page, opener, what)
    await inside?.()
    await sound(page, 'dialog[open]', what)
    await closes(page, opener, what)
  }
  const button = (page: Page, name: string | RegExp) => page.getByRole('main').getByRole('button', { name, exact: true })

  test.describe(`in ${lang}`, { tag }, () => {
    test.slow() // on machines that may be busy
    test.beforeEach(({ page }) => page.addInitScript((look) => localStorage.setItem('linli-preferences', JSON.stringify(look)), look))

    test('of the list', async ({ page, server }) => {
      const words = `楼道堆物${Date.now()}` // two of one kind, so that something can be done with both at once
      for (const place of ['三单元', '四单元']) await report(server, `${words} ${place}`)
      await signIn(page, server, 'paidan')
      await page.goto(`/desk/cases?scope=area&state=all&q=${encodeURIComponent(words)}`)
      await expect(page.getByRole('table').getByRole('checkbox').nth(2)).toBeVisible()
      if (tag === '@desktop') await dialog(page, button(page, own.list.columns), 'columns') // cards have none
      await dialog(page, button(page, own.list.views.save), 'a view')
      await button(page, own.list.more).click()
      await dialog(page, button(page, own.list.area).first(), 'area', () => page.locator('dialog .areas button').first().waitFor())
      await dialog(page, button(page, own.list.pickUnit), 'unit')
      await page.getByRole('table').getByRole('checkbox').nth(1).check()
      await page.getByRole('table').getByRole('checkbox').nth(2).check()
      await dialog(page, button(page, own.list.bulk.do), 'several at once', () => page.locator('dialog [type=radio]').first().waitFor())
    })

    test('around every screen', async ({ page, server }) => {
      await signIn(page, server, 'paidan')
      await page.goto('/desk/alerts')
      const account = page.getByRole('button', { name: own.shell.account })
      await dialog(page, account, 'account')
      await opens(page, account, 'account')
      await page.getByRole('dialog').getByRole('button', { name: own.shell.password }).press('Enter')
      await expect(page.locator('dialog [type=password]')).toHaveCount(3)
      await expect(page.locator('dialog:focus, dialog:focus-within'), 'changing the password: the focus is inside').toHaveCount(1)
      await sound(page, 'dialog[open]', 'changing the password')
      await closes(page, account, 'changing the password')
      if (tag === '@phone') await dialog(page, page.getByRole('button', { name: own.nav.open }), 'menu')
      else await dialog(page, page.getByRole('button', { name: own.shell.shortcuts }), 'help')
      // signing in again has to be answered
      await page.context().clearCookies()
      await page.locator('#find').fill('路灯')
      await page.locator('#find').press('Enter')
      const again = page.getByRole('dialog', { name: own.signIn.title })
      await expect(again).toBeVisible()
      await expect(page.locator('dialog:focus-within')).toHaveCount(1)
      await sound(page, 'dialog[open]', 'signing in again')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Escape') // a browser closes it at the second one
      await expect(again).toBeVisible()
      await again.getByLabel(shared.signIn.password, { exact: true }).fill(password)
      await page.keyboard.press('Enter')
      await expect(again).toHaveCount(0)
    })

    test('of a case', async ({ page, server }) => {
      const made = await server.ask<{ id: string; number: string }>('/api/v1/cases', {
        method: 'POST',
        body: {
          id: identifier(),
          text: '滨江新村东侧河道栏杆松动，孩子放学都从这里走',
          place: { area: grid },
          reporter: { name: '周明远', phone: '13812340001' },
        },
      })
      const { secret } = await server.ask<{ secret: string }>('/api/v1/session', { method: 'POST', body: { login: 'paidan', password } })
      for (const name of ['before.png', 'after.png']) {
        const sent = await fetch(`${server.url}/api/v1/cases/${made.id}/files/${identifier()}?name=${name}&use=before`, {
          method: 'PUT',
          headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'image/png' },
          body: new Uint8Array(picture(60, 40)),
        })
        expect(sent.status).toBe(201)
      }
      await signIn(page, server, 'paidan')
      await page.goto(`/desk/cases/${made.number}`)
      await dialog(page, button(page, own.case.reveal.open), 'who reported')
      await dialog(page, page.locator('.photos button').first(), 'a photo')
      await act(server, made.id, 'here', {})
      await page.reload()
      await dialog(page, button(page, w.people.showPhone).first(), 'a whole number')
      // each step that may be taken, in place
      await act(server, made.id, 'take', {}, 'wangge')
      await signIn(page, server, 'wangge')
      await page.goto(`/desk/cases/${made.number}`)
      const steps = page.locator('#actions button')
      await expect(steps.nth(2)).toBeVisible()
      const titles = await steps.allInnerTexts()
      expect(titles.length).toBeGreaterThan(3)
      for (const title of titles) {
        const step = page.locator('#actions').getByRole('button', { name: title, exact: true }).first()
        await step.press('Enter')
        const sheet = page.locator('#actions section')
        await expect(page.locator('#actions section:focus-within'), `${title}: the focus is inside`).toHaveCount(1)
        await sound(page, '#actions', title)
        await page.keyboard.press('Escape')
        await expect(sheet).toHaveCount(0)
        await expect.soft(step, `${title}: the focus is back`).toBeFocused()
      }
    })

    test('of the hotline', async ({ page, server }) => {
      await signIn(page, server, 'huawu')
      await page.goto('/desk/hotline')
      await dialog(page, button(page, own.hotline.pick), 'choosing a grid', () => page.locator('dialog .areas button').first().waitFor())
      await page.locator('#call-text').fill('三楼厨房着火了，浓烟往楼道里冒，还有老人没下来')
      const record = button(page, own.hotline.emergency.record.replace('{number}', '119'))
      await dialog(page, record, 'handing over')
    })

    test('of places and units', async ({ page, server }) => {
      await signIn(page, server, 'guanli')
      await page.goto('/desk/areas/320682001001')
      await expect(button(page, w.areas.split)).toBeVisible()
      await expect(page.getByRole('button', { name: w.posts.fill }).first()).toBeVisible()
      for (const what of ['addBelow', 'update', 'rename', 'move', 'split', 'merge', 'close'] as const)
        await dialog(page, button(page, w.areas[what]), what)
      await dialog(page, page.getByRole('button', { name: w.posts.fill }).first(), 'appointing')
      // what follows from a change, before it is so, and back to the form
      const rename = button(page, w.areas.rename)
      await opens(page, rename, 'renaming')
      await page.getByRole('dialog').getByLabel(w.change.reason, { exact: true }).fill('乡镇来文')
      await page.getByRole('dialog').getByLabel(w.areas.newName, { exact: true }).fill('迎新中心社区')
      await page.getByRole('dialog').getByRole('button', { name: w.change.next, exact: true }).press('Enter')
      await expect(page.locator('dialog .notice:focus')).toBeVisible()
      await sound(page, 'dialog[open]', 'what follows')
      await page.getByRole('dialog').getByRole('button', { name: w.change.again, exact: true }).press('Enter')
      await expect(page.locator('dialog:focus, dialog:focus-within'), 'back in the form: the focus is inside').toHaveCount(1)
      await closes(page, rename, 'renaming')

      await page.goto('/desk/organisations')
      await dialog(page, button(page, w.orgs.add), 'a unit')
      await page.goto('/desk/organisations/320682001-housing')
      await dialog(page, button(page, w.orgs.update), 'changing a unit')
      await dialog(page, button(page, w.orgs.close), 'closing a unit')
    })

    test('of people and keys', async ({ page, server }) => {
      await signIn(page, server, 'guanli')
      await page.goto('/desk/people')
      await dialog(page, button(page, w.people.add), 'an account')
      await dialog(page, page.getByRole('button', { name: `${w.people.area}: ${shared.do.all}` }), 'people of an area')
      const { people } = await server.ask<{ people: { id: string }[] }>('/api/v1/people?q=wangge', { as: 'guanli' })
      await page.goto(`/desk/people/${people[0]!.id}`)
      for (const what of ['edit', 'newPassword', 'switchOff', 'showPhone', 'givePost'] as const)
        await dialog(page, button(page, w.people[what]), what)
      await dialog(page, button(page, w.posts.end).first(), 'ending a post')
      await page.goto('/desk/tokens')
      await dialog(page, button(page, w.tokens.issue), 'a token')
    })

    test('of rules and the notice board', async ({ page, server }) => {
      await signIn(page, server, 'guanli')
      await page.goto('/desk/calendars')
      await dialog(page, button(page, w.calendars.addYear), 'a year')
      await signIn(page, server, 'gezhang')
      await page.goto(`/desk/areas/${grid}`)
      await dialog(page, page.getByRole('region', { name: w.board.phone }).getByRole('button'), 'the duty phone', () =>
        page.getByRole('dialog').getByRole('button', { name: w.board.hoursAdd }).click(),
      )
      await page.goto('/desk/notices')
      await dialog(page, button(page, w.board.post), 'a notice')
    })
  })
}
