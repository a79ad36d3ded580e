import { raw, Refusal } from './api/client'
import { smaller, smallerEdges } from './photo'

/** Puts a photo where it belongs; the same sent twice is there once. Each time the server finds it too large it goes again smaller. */
export async function sendPhoto(address: string, photo: Blob) {
  try {
    return await put(address, photo)
  } catch (e) {
    if (!tooLarge(e)) throw e
    for (const edge of smallerEdges) {
      const less = await smaller(photo, edge)
      if (!less) continue
      try {
        return await put(address, less)
      } catch (again) {
        if (!tooLarge(again)) throw again
      }
    }
    throw e
  }
}

async function put(address: string, photo: Blob) {
  await raw(address, { method: 'PUT', body: photo, headers: { 'Content-Type': photo.type || 'application/octet-stream' } })
}

const tooLarge = (e: unknown) => e instanceof Refusal && e.status === 413
