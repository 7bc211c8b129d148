/** The models and programs of DynamoBao's README, by their names in `readme-programs.md`. */
import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('readme-programs.md', import.meta.url), 'utf8')
const blocks = new Map(
  [...text.matchAll(/^## (.+)\n\n```\w*\n([\s\S]*?)\n```$/gm)].map(([, name = '', code = '']) => [name, `${code}\n`]),
)
/** The code of a block. */
export const block = (name: string): string => {
  const code = blocks.get(name)
  if (code === undefined) throw new Error(`There is no ${name} in readme-programs.md`)
  return code
}
