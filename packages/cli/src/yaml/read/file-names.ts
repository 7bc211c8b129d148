/** Names of the files of models: different for each model, also where the file system ignores case. */
import { createHash } from 'node:crypto'

/** Names of other generated files and folders, and names that Windows reserves. */
const RESERVED = /^(?:db|index|definitions|collections|con|prn|aux|nul|com\d|lpt\d)$/
const LONGEST = 80

/** The file names of models, by model. A name that two models would share gets a part of a hash in both. */
export function fileNames(models: readonly string[]): Map<string, string> {
  const counts = new Map<string, number>()
  for (const name of models) counts.set(fileName(name), (counts.get(fileName(name)) ?? 0) + 1)
  return new Map(
    models.map(name => {
      const file = fileName(name)
      if (counts.get(file) === 1 && file.length <= LONGEST) return [name, file]
      return [name, `${file.slice(0, LONGEST)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`]
    }),
  )
}

function fileName(model: string): string {
  const file = kebab(model)
  return RESERVED.test(file) ? `${file}-model` : file
}

/** `BlogPost` as `blog-post`, `HTMLPage` as `html-page`. */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
