import { expect, test, type Server } from '../harness'
import { act, identifier, report, signIn, view } from './officer'

type PostView = { holders: { account: string; name: string; phone: string }[] }
type Entry = { what: string; object: string; purpose?: string }

const holders = async (server: Server, post: string) => (await server.ask<PostView>(`/api/v1/posts/${post}`, { as: 'guanli' })).holders

test('who has a case is said by name, and the whole number comes for a purpose', async ({ page, server, audit }) => {
  const made = await report(server, `路灯坏了一排 ${identifier().slice(-6)}`)
  const [dispatcher] = await holders(server, 'dispatcher@320682001001')
  const card = page.getByRole('region', { name: '谁在办' })

  // a grid member may not see the people of the village: the post alone
  await signIn(page, server, 'wangge')
  await page.goto(`/desk/cases/${made.number}`)
  await expect(card.getByText(/派单员/)).toBeVisible()
  await expect(page.getByRole('heading', { name: '基本情况' })).toBeVisible()
  await expect(card).not.toContainText(dispatcher!.name)

  await act(server, made.id, 'here', {})
  const [member] = await holders(server, 'grid-member@320682001001001')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await expect(card.getByRole('link', { name: member!.name })).toBeVisible()
  await expect(card).toContainText(member!.phone)
  expect(member!.phone).toContain('*')
  await expect(card.getByRole('link', { name: /0513-00001101/ })).toBeVisible()
  await audit('who has it')
  await card.getByRole('button', { name: '看完整号码' }).click()
  const dialog = page.getByRole('dialog')
  // why is said already; it can be said otherwise
  await expect(dialog.getByLabel('做什么用')).toHaveValue(new RegExp(made.number))
  await dialog.getByLabel('做什么用').fill(`夜里问到场没有 ${made.number}`)
  await audit('the purpose')
  await dialog.getByRole('button', { name: '看完整号码' }).click()
  await expect(card.getByRole('link', { name: /^1\d{10}$/ })).toBeVisible()
  const { entries } = await server.ask<{ entries: Entry[] }>('/api/v1/access-log?what=staff.phone', { as: 'guanli' })
  expect(entries.filter((e) => e.object === member!.account && e.purpose === `夜里问到场没有 ${made.number}`)).toHaveLength(1)
})

test('a vacancy is said in red, with the name of who covers it', async ({ page, server, audit }) => {
  const grid = '320682001001002'
  const post = `grid-member@${grid}`
  const list = await server.ask<{ appointments: { id: string; to?: string }[] }>(`/api/v1/posts/${post}/appointments`, { as: 'guanli' })
  for (const a of list.appointments.filter((a) => !a.to))
    await server.ask(`/api/v1/appointments/${a.id}/end`, { as: 'guanli', method: 'POST', body: { reason: '调离' } })
  const made = await report(server, `井盖松了 ${identifier().slice(-6)}`, { area: grid })
  await act(server, made.id, 'here', {})
  expect((await view(server, made.id)).tasks.at(-1)!.post.post).toBe(post)
  const [head] = await holders(server, `grid-head@${grid}`)
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  const card = page.getByRole('region', { name: '谁在办' })
  await expect(card.getByText('空岗')).toBeVisible()
  await expect(card.getByText(/由 .*网格长 代办/)).toBeVisible()
  await expect(card.getByRole('link', { name: head!.name })).toBeVisible()
  await audit('a vacancy')
})
