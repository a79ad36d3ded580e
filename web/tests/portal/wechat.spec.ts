import { encode } from 'uqr'
import { expect, test } from '../harness'
import { grid, picture, say, send, solve, words } from './resident'

// Inside WeChat on a cheap Android phone: no service worker, no position, nothing printed, downloaded or announced.

test.use({
  userAgent:
    'Mozilla/5.0 (Linux; Android 13; M2102J2SC Build/TKQ1.221114.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20231202 MMWEBID/2307 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64 Weixin NetType/4G Language/zh_CN ABI/arm64',
  serviceWorkers: 'block',
})

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'serviceWorker')
    Reflect.deleteProperty(Navigator.prototype, 'clipboard')
    Reflect.deleteProperty(Navigator.prototype, 'share')
    Reflect.deleteProperty(globalThis, 'Notification')
    window.print = () => {
      throw new Error('WeChat does not print')
    }
    navigator.geolocation.getCurrentPosition = (_, refused) =>
      setTimeout(() => refused?.({ code: 1, message: 'denied' } as GeolocationPositionError))
  })
})

test('from a report to the rating, and nothing is promised that WeChat cannot do', { tag: '@phone' }, async ({ page, server, audit }) => {
  const wrong: string[] = []
  page.on('pageerror', (e) => wrong.push(e.message))
  const cannot = /打印|下载|扫一扫|推送|主屏幕/
  await say(page, words('河边栏杆断了一截'))
  await page.getByText('就在我现在的位置').click()
  await expect(page.getByRole('alert')).toContainText('没有拿到您的位置')
  await page.getByText('写地址').click()
  await page.getByRole('textbox', { name: '地址' }).fill(`${grid.name}7号楼东`)
  await page.getByRole('textbox', { name: '地址' }).blur()
  await expect(page.getByText('我们理解是这里')).toBeVisible()
  await page.getByRole('button', { name: '下一步' }).click()
  await page.locator('input[type=file]').setInputFiles({ name: '远.png', mimeType: 'image/png', buffer: picture(60, 60) })
  await expect(page.locator('.photos img')).toHaveCount(1)
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.locator('dl img')).toHaveCount(1)
  const code = await send(page)

  await expect(page.getByText('1 张照片已送到')).toBeVisible()
  await expect(page.getByText('微信可能会清掉它记住的内容')).toBeVisible()
  await expect(page.getByRole('main')).not.toContainText(cannot)
  await page.getByRole('button', { name: '复制查询码' }).click()
  await expect(page.getByText('请长按上面的查询码来复制')).toBeVisible()
  await audit('received, in WeChat')
  // what is pressed long is a picture that leads to the progress
  const qr = page.getByRole('img', { name: '看进度的二维码' })
  const read = await qr.evaluate((img: HTMLImageElement) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: img.naturalWidth, height: img.naturalHeight })
    const draw = canvas.getContext('2d')!
    draw.drawImage(img, 0, 0)
    const { data } = draw.getImageData(0, 0, canvas.width, canvas.height)
    return { kind: img.src.slice(0, 15), width: canvas.width, dark: [...data].filter((_, i) => i % 4 === 0).map((v) => v < 128) }
  })
  const meant = encode(`${server.url}/t/${code}`, { ecc: 'M', border: 2 })
  const dot = read.width / meant.size
  expect(read.kind).toBe('data:image/png;')
  expect(dot).toBeGreaterThanOrEqual(8)
  const dots = meant.data.map((row, y) =>
    row.map((_, x) => read.dark[Math.floor((y + 0.5) * dot) * read.width + Math.floor((x + 0.5) * dot)]),
  )
  expect(dots).toEqual(meant.data)

  await page.getByRole('link', { name: '看进度' }).click()
  await expect(page.locator('[aria-current=step]')).toContainText('甄别')
  await expect(page.locator('section ul.photos img')).toHaveCount(1)
  await solve(server, code, '栏杆已焊好')
  await page.reload()
  await expect(page.locator('blockquote').first()).toHaveText('栏杆已焊好')
  await expect(page.getByRole('main')).not.toContainText(cannot)
  await expect(page.locator('a[download]')).toHaveCount(0)
  await page.getByRole('button', { name: '评价' }).click()
  await page.getByText('5 · 很满意').click()
  await page.getByRole('button', { name: '提交评价' }).click()
  await expect(page.getByRole('status').filter({ hasText: '谢谢您的评价' })).toBeVisible()

  await page.goto('/')
  await expect(page.getByText('这台手机上报过的')).toBeVisible()
  await page.goto(`/board/${grid.code}`)
  await expect(page.getByText('微信里不能打印')).toContainText('在浏览器打开')
  await expect(page.getByRole('button', { name: /打印/ })).toHaveCount(0)
  await expect(page.getByRole('img', { name: '在这个网格报事的二维码' })).toHaveJSProperty('complete', true)
  await audit('the notice board, in WeChat')
  expect(wrong).toEqual([])
})
