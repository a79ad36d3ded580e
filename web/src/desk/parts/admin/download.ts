import { language } from '@/shared/i18n'
import { Refusal, refusal } from '@/shared/api/client'

/** Asks for a file and hands it to the browser to keep; throws a Refusal as other requests do. */
export async function download(address: string, init: RequestInit = {}, fallback = 'linli.xlsx') {
  let response: Response
  try {
    response = await fetch(address, { credentials: 'same-origin', ...init, headers: { 'Accept-Language': language(), ...init.headers } })
  } catch (cause) {
    throw new Refusal(0, 'unreached', '', String(cause))
  }
  if (!response.ok) throw await refusal(response)
  const header = response.headers.get('Content-Disposition') ?? ''
  const named = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1]
  const name = named ? decodeURIComponent(named) : (/filename="?([^";]+)/i.exec(header)?.[1] ?? fallback)
  keep(await response.blob(), name)
}

/** Hands text or bytes made on this page to the browser to keep. */
export function keep(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 30_000)
}
