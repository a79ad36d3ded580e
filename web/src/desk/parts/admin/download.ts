import { raw } from '@/shared/api/client'

/** Asks for a file and hands it to the browser to keep; throws a Refusal as other requests do. */
export async function download(address: string, init: RequestInit = {}, fallback = 'linli.xlsx') {
  const response = await raw(address, init)
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
