import type { Page } from '@playwright/test'
import { password, type Server } from './harness'

/** A screen to be taken: its address, and what has to be done before it shows what it is for. */
export type Screen = { name: string; path: string; ready?: (page: Page) => Promise<unknown> }

/** Who looks at a face; a face that needs no account has none. */
export type Face = { name: string; login?: string; screens: (server: Server) => Promise<Screen[]> }

type List = { cases: { id: string; number: string }[] }
type Report = { number: string; code: string }

async function report(server: Server, text: string): Promise<Report> {
  return await server.ask<Report>('/api/v1/cases', {
    method: 'POST',
    body: { id: crypto.randomUUID().replace(/^(.{14})./, '$17'), text, place: { area: '320682001001001' }, anonymous: true },
  })
}

export const faces: Face[] = [
  {
    name: 'portal',
    async screens(server) {
      const mine = await report(server, '小区东门的路灯三天没亮了，晚上老人走路不安全')
      const results = await server.ask<List>('/api/v1/public/cases?page_size=1')
      return [
        { name: 'home', path: '/' },
        { name: 'report-what', path: '/report/what?kind=problem' },
        {
          name: 'report-where',
          path: '/report/what?kind=problem',
          ready: async (page) => {
            await page.locator('textarea').first().fill('小区东门的路灯三天没亮了，晚上老人走路不安全')
            await page.getByRole('button', { name: /下一步|Next/ }).click()
            await page.waitForURL(/where/)
          },
        },
        {
          name: 'report-check',
          path: '/report/what?kind=problem',
          ready: async (page) => {
            await page.locator('textarea').first().fill('小区东门的路灯三天没亮了，晚上老人走路不安全')
            await page.getByRole('button', { name: /下一步|Next/ }).click()
            await page.locator('#way-unknown').check({ force: true })
            await page.getByRole('button', { name: /下一步|Next/ }).click()
            await page.waitForURL(/photo/)
            await page.getByRole('button', { name: /下一步|No photos/ }).click()
            await page.waitForURL(/check/)
          },
        },
        { name: 'sent', path: `/sent/${mine.code}` },
        { name: 'progress', path: `/t/${mine.code}` },
        { name: 'results', path: '/results' },
        { name: 'under-way', path: '/results?state=open' },
        { name: 'result', path: `/results/${results.cases[0]!.number}` },
        { name: 'grid', path: '/grid/320682001001001' },
        { name: 'board', path: '/board/320682001001001' },
        { name: 'help', path: '/help' },
      ]
    },
  },
  {
    name: 'field',
    login: 'wangge',
    async screens(server) {
      const mine = await server.ask<List>('/api/v1/cases', { as: 'wangge' })
      return [
        { name: 'today', path: '/field/', ready: (page) => page.locator('main .card').first().waitFor() },
        { name: 'tasks', path: '/field/tasks' },
        { name: 'case', path: `/field/cases/${mine.cases[0]!.id}` },
        { name: 'report', path: '/field/report' },
        { name: 'grid', path: '/field/grid' },
        { name: 'outbox', path: '/field/outbox' },
        { name: 'me', path: '/field/me' },
        { name: 'help', path: '/field/help' },
      ]
    },
  },
  {
    name: 'desk',
    login: 'paidan',
    async screens(server) {
      const mine = await server.ask<List>('/api/v1/cases', { as: 'paidan' })
      return [
        { name: 'home', path: '/desk/' },
        { name: 'worklist', path: '/desk/cases' },
        { name: 'worklist-filtered', path: '/desk/cases?scope=area&state=all&channel=resident' },
        { name: 'case', path: `/desk/cases/${mine.cases[0]!.number}` },
        { name: 'supervision', path: '/desk/supervision' },
        { name: 'alerts', path: '/desk/alerts' },
        { name: 'notices', path: '/desk/notices' },
      ]
    },
  },
  {
    name: 'desk-hotline',
    login: 'huawu',
    screens: () => Promise.resolve([{ name: 'order', path: '/desk/hotline' }]),
  },
  {
    name: 'desk-admin',
    login: 'guanli',
    async screens(server) {
      const people = await server.ask<{ people: { id: string }[] }>('/api/v1/people?page_size=5', { as: 'guanli' })
      return [
        { name: 'areas', path: '/desk/areas' },
        { name: 'area', path: '/desk/areas/320682001001001' },
        { name: 'organisations', path: '/desk/organisations' },
        { name: 'organisation', path: '/desk/organisations/320682-housing' },
        { name: 'people', path: '/desk/people' },
        { name: 'person', path: `/desk/people/${people.people[0]!.id}` },
        { name: 'vacancies', path: '/desk/people/vacancies' },
        { name: 'roles', path: '/desk/people/roles' },
        { name: 'models', path: '/desk/models' },
        { name: 'model', path: '/desk/models/seven-step' },
        { name: 'model-check', path: '/desk/models/check' },
        { name: 'calendars', path: '/desk/calendars' },
        { name: 'imports', path: '/desk/imports' },
        { name: 'tokens', path: '/desk/tokens' },
        { name: 'access-log', path: '/desk/access-log' },
      ]
    },
  },
]

/** Signs the browser in; the field app asks by its own form, for it keeps what it needs on the device. */
export async function signIn(page: Page, server: Server, face: Face) {
  if (!face.login) return
  await page.goto(server.url + (face.name === 'field' ? '/field/' : '/desk/'))
  await page.locator('#login').fill(face.login)
  await page.locator('#password').fill(password)
  await page.locator('form button[type=submit]').click()
  await page.locator('#login').waitFor({ state: 'detached' })
}
