import { language } from '@/shared/i18n'
import { api, ask, refusal, Refusal } from '@/shared/api/client'
import { serverSaid } from '@/shared/time'
import type { Package } from './field'
import type { Model } from './offers'
import type { Store } from './store/shelf'

/**
 * Asks for the package of this worker, by its tag: an unchanged one costs a few bytes. The models of its cases are
 * taken along too, once each: they tell what follows a step taken without signal.
 */
export async function refreshPackage(
  store: Store,
  models: Record<string, Model>,
): Promise<{ pack?: Package; models: Record<string, Model> }> {
  const tag = await store.get<string>('package-tag')
  let response: Response
  try {
    response = await fetch('/api/v1/field/package', {
      cache: 'no-store',
      credentials: 'same-origin',
      headers: { 'Accept-Language': language(), ...(tag ? { 'If-None-Match': tag } : {}) },
    })
  } catch (cause) {
    throw new Refusal(0, 'unreached', '', String(cause))
  }
  serverSaid(response.headers.get('Date'))
  if (response.status === 304) return { models }
  if (!response.ok) throw await refusal(response)
  const pack = (await response.json()) as Package
  await store.set('package', pack)
  await store.set('package-tag', response.headers.get('ETag') ?? '')
  return { pack, models: await modelsFor(store, pack, models) }
}

async function modelsFor(store: Store, pack: Package, models: Record<string, Model>): Promise<Record<string, Model>> {
  const wanted = [...new Set((pack.tasks ?? []).map((c) => c.model))].filter((id) => !models[id])
  if (!wanted.length) return models
  const all = { ...models }
  for (const id of wanted) {
    try {
      const model = await ask(api.GET('/api/v1/models/{id}', { params: { path: { id } } }))
      all[id] = { id: model.id, stages: model.stages }
    } catch (e) {
      if (!(e instanceof Refusal)) throw e // it is tried again with the next package
    }
  }
  await store.set('models', JSON.parse(JSON.stringify(all)))
  return all
}
