import { expect, test, type Server } from '../harness'
import { goOn, grid, picture, say, sayHere, send, words } from './resident'

type Found = { title: string; stages: unknown[] }

/** How many cases the head of the grid finds by their words. */
async function found(server: Server, text: string) {
  const q = encodeURIComponent(text)
  return (await server.ask<{ cases: unknown[] }>(`/api/v1/cases?scope=area&state=all&q=${q}`, { as: 'gezhang' })).cases.length
}

test('by the device’s position', async ({ page, context, server }) => {
  await context.grantPermissions(['geolocation'])
  await context.setGeolocation({ latitude: grid.lat, longitude: grid.lon })
  const text = words()
  await say(page, text)
  await page.getByText('就在我现在的位置').click()
  await expect(page.getByText('很确定')).toBeVisible()
  await expect(page.getByText(grid.name).first()).toBeVisible()
  await goOn(page)
  const code = await send(page)
  expect((await server.ask<Found>(`/api/v1/track/${code}`)).title).toBe(text)
})

test('a refused position is said, and another way does', async ({ page, server }) => {
  await say(page, words())
  await page.getByText('就在我现在的位置').click()
  await expect(page.getByRole('alert')).toContainText('没有拿到您的位置')
  await page.getByText('说不清，先报了再说').click()
  await goOn(page)
  await expect(page.getByText('没有说明位置')).toBeVisible()
  const code = await send(page)
  expect((await server.ask<Found>(`/api/v1/track/${code}`)).stages.length).toBeGreaterThan(2)
})

test('by an address: what was understood is shown, the right one is chosen', async ({ page, server }) => {
  await say(page, words('楼道堆了很多纸箱'))
  await page.getByText('写地址').click()
  const address = page.getByRole('textbox', { name: '地址' })
  await address.fill('迎新社区')
  await address.blur()
  await expect(page.getByText('只知道大概')).toBeVisible()
  await page.getByText(grid.name, { exact: true }).click()
  await expect(page.getByText('很确定')).toBeVisible()
  await goOn(page)
  await expect(page.locator('dl')).toContainText(grid.name)
  const code = await send(page)
  const list = await server.ask<{ cases: { area: string }[] }>(`/api/v1/cases?scope=area&state=all&area=${grid.code}&sort=newest`, {
    as: 'gezhang',
  })
  expect(list.cases.length).toBeGreaterThan(0)
  expect(code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/)
})

test('by a tap on the map', async ({ page }) => {
  await say(page, words('路边井盖坏了'))
  await page.getByText('在地图上点').click()
  const map = page.locator('.leaflet-container')
  await expect(map).toBeVisible()
  await expect(page.locator('.leaflet-interactive').first()).toBeAttached()
  const box = (await map.boundingBox())!
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  await expect(page.getByText('我们理解是这里')).toBeVisible()
  await goOn(page)
  await send(page)
})

test('by choosing a grid, which the device remembers', async ({ page }) => {
  await say(page, words('想请人帮忙代办'), '要帮忙')
  await page.getByText('选网格').click()
  await page.getByRole('searchbox').fill('迎新社区第一')
  await page.getByRole('button', { name: grid.name }).click()
  await expect(page.getByText('很确定')).toBeVisible()
  await goOn(page)
  await send(page)
  await page.goto('/')
  await expect(page.getByRole('contentinfo')).toContainText('陈晓燕')
  await say(page, words())
  await expect(page.getByRole('radio', { name: '选网格' })).toBeChecked()
})

test('behind the code of a notice board the grid is known', async ({ page }) => {
  await page.goto(`/g/${grid.code}`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(grid.name)
  await page.getByRole('link', { name: '有纠纷' }).click()
  await page.getByRole('textbox', { name: '是什么事' }).fill(words('楼上漏水谈不拢'))
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByText('很确定')).toBeVisible()
  await goOn(page)
  await send(page)
})

test('what is missing or wrong is said where it is, and nothing typed is lost', async ({ page, server }) => {
  await page.goto('/report/what?kind=problem')
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  await page.getByRole('alert').getByRole('link').click()
  await expect(page.getByRole('textbox', { name: '是什么事' })).toBeFocused()
  const text = words()
  await page.getByRole('textbox', { name: '是什么事' }).fill(text)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('alert')).toContainText('请选一种方式')
  await page.getByText('写地址').click()
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('alert')).toContainText('请写地址')
  await page.getByRole('textbox', { name: '地址' }).fill('碧霞花苑3幢')
  await goOn(page)
  // the number is wrong, and only the server knows
  await page.getByRole('textbox', { name: '怎么称呼' }).fill('王秀英')
  await page.getByRole('textbox', { name: '电话' }).fill('123')
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.getByRole('alert')).toContainText('5 到 16 位')
  await page.reload()
  await expect(page.locator('dl')).toContainText(text)
  await expect(page.getByRole('textbox', { name: '怎么称呼' })).toHaveValue('王秀英')
  await page.getByRole('textbox', { name: '电话' }).fill('0513-8765 4321')
  await send(page)
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain('王秀英')
  await expect.poll(() => found(server, text)).toBe(1)
})

test('anonymous: nothing about the reporter is kept', async ({ page, server }) => {
  await sayHere(page, words())
  await goOn(page)
  await page.getByRole('textbox', { name: '怎么称呼' }).fill('李四')
  await page.getByText('匿名，不留任何信息').click()
  const code = await send(page)
  const { id } = await server.ask<{ id: string }>(`/api/v1/track/${code}`)
  const kept = await server.ask<{ anonymous: boolean; reporter: { name?: string; phone?: string } }>(`/api/v1/cases/${id}`, {
    as: 'gezhang',
  })
  expect(kept.anonymous).toBe(true)
  expect(kept.reporter.name ?? kept.reporter.phone).toBeUndefined()
})

test('an answer that was lost: sent again it is one report, even when the words were changed', async ({ page, server }) => {
  const text = words('河边护栏松了')
  await sayHere(page, text)
  await goOn(page)
  // the report arrives, its answer does not
  await page.route('**/api/v1/cases', async (route) => {
    await route.fetch()
    await route.abort('connectionreset')
  })
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.getByRole('alert')).toContainText('您填的内容都还在')
  await page.unroute('**/api/v1/cases')
  await page.reload()
  await page.locator('#to-text').click()
  await page.getByRole('textbox', { name: '是什么事' }).fill(`${text}，有孩子在那里玩`)
  await page.getByRole('button', { name: '下一步' }).click()
  await goOn(page)
  await send(page)
  await expect(page.getByText('您上一次提交其实已经收到了')).toBeVisible()
  await expect.poll(() => found(server, text)).toBe(1)
})

test('the server is restarted in the middle: the draft and its photos go on', async ({ page, server }) => {
  const text = words('公交站台灯箱破了')
  await say(page, text)
  await page.getByText('说不清，先报了再说').click()
  await goOn(page)
  await server.stop()
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.getByRole('alert')).toContainText('您填的内容都还在')
  await server.start()
  const code = await send(page)
  expect((await server.ask<Found>(`/api/v1/track/${code}`)).title).toContain(text.slice(0, 20))
})

test('with the keyboard alone: the grid chosen, a photo removed, sent, and followed', async ({ page, server }) => {
  test.setTimeout(240_000)
  const text = words()
  await page.goto('/')
  const press = (key: string) => page.keyboard.press(key)
  /** Tab until it has the focus, which is to be seen. */
  const reach = async (what: ReturnType<typeof page.locator>) => {
    for (let i = 0; i < 60; i++) {
      await press('Tab')
      if (!(await what.evaluateAll((all) => all.some((e) => e === document.activeElement)))) continue
      const seen = await page.evaluate(() => {
        const at = document.activeElement!
        const ring = [at, at.closest('label'), at.closest('li')].some((e) => e && getComputedStyle(e).outlineStyle !== 'none')
        const { top, bottom } = at.getBoundingClientRect()
        return { ring, inside: bottom > 0 && top < innerHeight }
      })
      expect(seen).toEqual({ ring: true, inside: true })
      return
    }
    throw new Error('it cannot be reached with the keyboard')
  }
  await reach(page.getByRole('link', { name: '报问题' }))
  await press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  await reach(page.getByRole('textbox', { name: '是什么事' }))
  await page.keyboard.type(text)
  await reach(page.getByRole('button', { name: '下一步' }))
  await press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()

  // the grid, found by its name
  await reach(page.getByRole('radio', { name: '就在我现在的位置' }))
  for (let i = 0; i < 3; i++) await press('ArrowDown')
  await expect(page.getByRole('radio', { name: '选网格' })).toBeChecked()
  await reach(page.getByRole('searchbox'))
  await page.keyboard.type('迎新社区第')
  const grid2 = page.getByRole('button', { name: '迎新社区第二网格' })
  await expect(grid2).toBeVisible()
  await reach(grid2)
  await press('Enter')
  await expect(page.getByText('很确定')).toBeVisible()
  // and another one, for the first was a mistake; the focus is not lost with the list
  await reach(page.getByRole('button', { name: '换一个网格' }))
  await press('Enter')
  await reach(page.getByRole('searchbox'))
  await page.keyboard.type(grid.name)
  await expect(page.getByRole('button', { name: grid.name })).toBeVisible()
  await reach(page.getByRole('button', { name: grid.name }))
  await press(' ')
  await expect(page.getByText('很确定')).toBeVisible()
  await reach(page.getByRole('button', { name: '下一步' }))
  await press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('有照片吗？')

  // two photos by the device's own chooser, one of them removed
  const input = page.locator('input[type=file]')
  await reach(input)
  const chooser = page.waitForEvent('filechooser', { timeout: 15_000 })
  await press(' ')
  await (
    await chooser
  ).setFiles([
    { name: '拍错了.png', mimeType: 'image/png', buffer: picture(60, 60) },
    { name: '要的.png', mimeType: 'image/png', buffer: picture(80, 80) },
  ])
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(2)
  await page.getByRole('heading', { level: 1 }).focus()
  await reach(page.getByRole('button', { name: '移除照片 1' }))
  await press('Enter')
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(1)
  // removing leaves the focus where one goes on, not at the top of the page
  await expect(page.getByRole('button', { name: '移除照片 1' })).toBeFocused()
  await reach(page.getByRole('button', { name: '下一步', exact: true }))
  await press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('看看对不对，再提交')
  await expect(page.locator('dl img')).toHaveCount(1)

  // the name, then rather without
  await reach(page.getByRole('radio', { name: '可以联系我' }))
  await press('ArrowDown')
  await expect(page.getByRole('radio', { name: '匿名，不留任何信息' })).toBeChecked()
  await reach(page.getByRole('button', { name: '提交' }))
  await press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('收到了')
  await expect(page.getByText('1 张照片已送到')).toBeVisible()
  const code = page.url().split('/').at(-1)!
  const { id } = await server.ask<{ id: string }>(`/api/v1/track/${code}`)
  const kept = await server.ask<{ area: string; anonymous: boolean; files: { name: string }[] }>(`/api/v1/cases/${id}`, { as: 'gezhang' })
  expect(kept).toMatchObject({ area: grid.code, anonymous: true, files: [{ name: '要的.png' }] })
  await reach(page.getByRole('link', { name: '看进度' }))
  await press('Enter')
  await expect(page.locator('[aria-current=step]')).toContainText('甄别')
})
