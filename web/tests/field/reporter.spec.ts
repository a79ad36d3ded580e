import { expect, test } from './county'
import { identifier } from './ids'

type Log = { entries: { object: string; purpose?: string }[] }

// Whoever has a matter in hand may call who reported it: with signal, for a purpose, and only so long.

test('calling the reporter of a case in hand', async ({ county, worker: page, context, audit }) => {
  const id = identifier()
  const mark = id.slice(-6)
  await county.server.ask('/api/v1/cases', {
    method: 'POST',
    body: { id, text: `楼道灯不亮 ${mark}`, place: { area: '320682001001001' }, reporter: { name: '欧阳沁瑶', phone: '13698765432' } },
  })
  await county.act(id, 'here')
  await page.goto(`/field/cases/${id}`)
  const call = page.getByRole('button', { name: '打给报事人' })
  await expect(page.getByRole('button', { name: '签收' })).toBeVisible()
  await expect(page.getByText('136****5432')).toBeVisible()
  await expect(call).toHaveCount(0) // not taken yet

  await county.act(id, 'take', {}, 'wangge')
  await page.reload()
  await expect(call).toBeVisible()
  await context.setOffline(true)
  await expect(call).toHaveCount(0)
  await context.setOffline(false)
  await call.click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: '显示姓名和电话' })).toBeDisabled()
  await dialog.getByRole('button', { name: '问具体位置' }).click()
  await audit('the purpose')
  await dialog.getByRole('button', { name: '显示姓名和电话' }).click()
  await expect(dialog.getByText('欧阳沁瑶')).toBeVisible()
  await expect(dialog.getByRole('link', { name: '13698765432' })).toHaveAttribute('href', 'tel:13698765432')
  await audit('the number')
  await dialog.getByRole('button', { name: '关闭' }).click()
  await expect(page.getByText('13698765432')).toHaveCount(0)
  const log = await county.server.ask<Log>(`/api/v1/cases/${id}/audit`, { as: 'ducha' })
  expect(log.entries.filter((e) => e.purpose === '问具体位置')).toHaveLength(1)

  await county.act(id, 'feed_back', { result: '换了灯泡' }, 'wangge')
  await page.reload()
  await expect(page.getByText('136****5432')).toBeVisible()
  await expect(call).toHaveCount(0)
})
