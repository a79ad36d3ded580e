import { base64, bytes } from './parcel'

/** A file only its passphrase opens: AES-256-GCM, the key by PBKDF2 with SHA-256 (600,000 rounds, OWASP 2023). */
export type Sealed = { linli: 'sealed-outbox'; version: 1; rounds: number; salt: string; iv: string; data: string }

const rounds = 600_000

async function keyOf(passphrase: string, salt: Uint8Array<ArrayBuffer>, times: number): Promise<CryptoKey> {
  const words = new TextEncoder().encode(passphrase.normalize('NFKC'))
  const base = await crypto.subtle.importKey('raw', words, 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: times },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
}

/** Sealing needs an https address (or this very machine): elsewhere browsers have no cryptography. */
export const canSeal = () => typeof crypto !== 'undefined' && !!crypto.subtle

export async function seal(text: string, passphrase: string): Promise<Sealed> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await keyOf(passphrase, salt, rounds), new TextEncoder().encode(text))
  return { linli: 'sealed-outbox', version: 1, rounds, salt: base64(salt), iv: base64(iv), data: base64(new Uint8Array(data)) }
}

export function isSealed(text: string): Sealed | undefined {
  try {
    const file = JSON.parse(text) as Partial<Sealed>
    return file?.linli === 'sealed-outbox' && file.salt && file.iv && file.data ? (file as Sealed) : undefined
  } catch {
    return undefined
  }
}

/** The text again; undefined when the passphrase is another or the file was changed. */
export async function unseal(file: Sealed, passphrase: string): Promise<string | undefined> {
  const times = Math.min(Math.max(Number(file.rounds) || rounds, 1), 5_000_000)
  try {
    const key = await keyOf(passphrase, bytes(file.salt), times)
    return new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes(file.iv) }, key, bytes(file.data)))
  } catch {
    return undefined
  }
}
