/** The quick start of DynamoBao's README, done with the packed packages as a new user would. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { block } from '../active-record/readme.js'
import { makeProject, type Project } from './project.js'

const ULID = /[0-9A-HJKMNP-TV-Z]{26}/g

let project: Project
beforeEach(() => {
  project = makeProject(['@partita/cli'])
  project.write('package.json', JSON.stringify({ name: 'your-project', private: true }))
})
afterEach(() => project.remove())

it('A new user creates a project, edits its models, generates the classes, and runs the example', () => {
  project.partita('init', '--template', 'active-record')
  project.write('models.yaml', block('quick-start.yaml'))
  project.partita('codegen')
  project.write('example.js', block('example.js').replace('"dynamo-bao"', '"partita/active-record"'))
  const printed = project.node(['--no-warnings', 'example.js'])
  expect(printed.replace(ULID, '<id>')).toBe(block('example.js prints').replace(ULID, '<id>'))
  expect(new Set(printed.match(ULID)).size).toBe(1)
  // The command sees the rows of the program, and the program sees them when it runs again.
  expect(project.partita('list', 'Post', '--jsonl').trim().split('\n')).toHaveLength(2)
  expect(project.node(['--no-warnings', 'example.js'])).toContain('Deleted existing user')
})
