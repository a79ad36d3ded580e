import { expect, test } from '../harness'
import { grid, words } from './resident'

test.use({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true })

test('a report from the first tap to received: at most 8 taps and 20 s on a throttled phone', async ({ page, context }) => {
  await context.grantPermissions(['geolocation'])
  await context.setGeolocation({ latitude: grid.lat, longitude: grid.lon })
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  // a weak 4G: 150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: 200_000,
    uploadThroughput: 93_750,
  })
  await page.goto('/')
  let taps = 0
  const tap = async (what: ReturnType<typeof page.locator>) => {
    taps++
    await what.tap()
  }
  const began = Date.now()
  await tap(page.getByRole('link', { name: '报问题' }))
  await tap(page.getByRole('textbox', { name: '是什么事' }))
  // as fast as a practised thumb writes: 12 characters a second by phrases
  await page.getByRole('textbox', { name: '是什么事' }).pressSequentially(words('路灯不亮'), { delay: 80 })
  await tap(page.getByRole('button', { name: '下一步' }))
  await tap(page.getByText('就在我现在的位置'))
  await expect(page.getByText('很确定')).toBeVisible()
  await tap(page.getByRole('button', { name: '下一步' }))
  await tap(page.getByRole('button', { name: '没有照片，下一步' }))
  await tap(page.getByRole('button', { name: '提交' }))
  await expect(page.getByRole('heading', { name: '收到了' })).toBeVisible()
  const seconds = (Date.now() - began) / 1000
  console.log(`a report: ${taps} taps, ${seconds.toFixed(1)} s`)
  expect(taps).toBeLessThanOrEqual(8)
  expect(seconds).toBeLessThanOrEqual(20)
})
