import { expect, type Server } from './harness'

// Versions of governance models that come into use under somebody's hands.

type Row = { id: string; name: string; version: string; active: boolean }
type History = {
  revision: number
  active: string
  activations: { no: number; model: string; state: string; since: string; reason: string }[]
}

export const models = async (server: Server) => (await server.ask<{ models: Row[] }>('/api/v1/models', { as: 'guanli' })).models
export const history = (server: Server, name: string) => server.ask<History>(`/api/v1/models/${name}/activations`, { as: 'guanli' })
export const modelOf = async (server: Server, ref: string) =>
  (await server.ask<{ model: string }>(`/api/v1/cases/${ref}`, { as: 'guanli' })).model

/** The file of the version in use under a number that is free, with a change of its own. */
export async function draft(server: Server, name: string, change: (text: string) => string = (text) => text) {
  const { text, version } = await server.ask<{ text: string; version: string }>(`/api/v1/models/${name}`, { as: 'guanli' })
  const taken = (await models(server)).filter((m) => m.name === name).map((m) => Number(m.version.split('.')[1]))
  const next = `2026.${Math.max(...taken) + 1}`
  const renamed = text.replace(`version: "${version}"`, `version: "${next}"`)
  expect(renamed).toContain(`version: "${next}"`)
  const changed = change(renamed)
  return { id: `${name}@${next}`, text: changed }
}
export async function activate(server: Server, name: string, text: string, reason = '县里新规定') {
  const { revision } = await history(server, name)
  await server.ask(`/api/v1/models/${name}/activations`, { as: 'guanli', method: 'POST', body: { base: revision, text, reason } })
}
/** What this test put into use is taken back, for those that share the program. */
export async function restore(server: Server, name: string) {
  for (;;) {
    const { revision, activations } = await history(server, name)
    const open = activations.find((a) => a.state === 'active' || a.state === 'planned')
    if (!open) return
    await server.ask(`/api/v1/models/${name}/activations/${open.no}/withdraw`, {
      as: 'guanli',
      method: 'POST',
      body: { base: revision, reason: '试验完了' },
    })
  }
}
