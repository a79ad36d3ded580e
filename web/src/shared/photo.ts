/** Longest edge and weight of a photo that is sent: enough to read a number plate, small enough for a weak signal. */
const usual = { edge: 1920, weight: 900_000 }

/**
 * Makes a picture from a phone small enough to send; what weighs less than `weight` bytes stays as it is. What the
 * browser cannot draw (HEIC on some) is given back as it is.
 */
export async function shrink(file: File, { edge, weight } = usual): Promise<{ blob: Blob; name: string; shrunk: boolean }> {
  if (file.size <= weight) return { blob: file, name: file.name, shrunk: false }
  let picture: ImageBitmap
  try {
    picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return { blob: file, name: file.name, shrunk: false }
  }
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.82))
  if (!blob || blob.size >= file.size) return { blob: file, name: file.name, shrunk: false }
  return { blob, name: file.name.replace(/\.[^.]*$/, '') + '.jpg', shrunk: true }
}

/** Longest edges, pixels, that a photo is brought down to, one after the other, while the server finds it too large. */
export const smallerEdges = [1280, 800, 480]

/** The photo again with this longest edge; undefined when that does not make it lighter. */
export async function smaller(blob: Blob, edge: number): Promise<Blob | undefined> {
  const less = await shrink(new File([blob], 'photo', { type: blob.type }), { edge, weight: 0 })
  return less.shrunk ? less.blob : undefined
}
