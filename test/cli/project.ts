/** The folder of a project that has the library installed, for commands that load its models. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { folder } from './in-process.js'

const library = fileURLToPath(new URL('../../packages/partita', import.meta.url))

/** Writes files into a new folder, and makes it the current one until the test ends. @returns a function that resolves names in it. */
export function project(files: Readonly<Record<string, string>>): (name: string) => string {
  const at = folder()
  mkdirSync(at('node_modules'))
  symlinkSync(library, at('node_modules/partita'))
  mkdirSync(at('.git'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(at(name)), { recursive: true })
    writeFileSync(at(name), text)
  }
  const before = process.cwd()
  process.chdir(join(at('.')))
  onTestFinished(() => process.chdir(before))
  return at
}

/** Models of a small blog. */
export const MODELS = `
import { f, model, one } from 'partita'

export const User = model('User', {
  fields: { userId: f.string(), email: f.string(), endsAt: f.date().optional() },
  key: { pk: 'u#{userId}' },
  unique: { email: ['email'] },
})

export const Post = model('Post', {
  fields: { postId: f.string(), userId: f.string(), title: f.string() },
  key: { pk: 'p#{postId}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'p#{userId}', sk: '{postId}' }, byTitle: { on: 'gsi2', pk: 'title#{title}' } },
  relations: { author: one('User', { userId: 'userId' }) },
})
`
