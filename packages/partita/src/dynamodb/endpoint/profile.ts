/** The settings of an AWS profile that do not need the SDK: region, endpoint and its kind, number of attempts. */
import { builtin } from '../transport/runtime.js'

/** Settings by name, such as `region`; those of a service are `dynamodb.endpoint_url`. */
export type ProfileSettings = ReadonlyMap<string, string>

const NONE: ProfileSettings = new Map()

/** Reads the settings of the profile in `AWS_PROFILE`, or of `default`. Without a file they are empty. */
export async function readProfile(env: Readonly<Record<string, string | undefined>>): Promise<ProfileSettings> {
  const fs = builtin?.<typeof import('node:fs/promises')>('node:fs/promises')
  const os = builtin?.<typeof import('node:os')>('node:os')
  if (!fs?.readFile || !os?.homedir) return NONE
  const name = env.AWS_PROFILE ?? 'default'
  const home = `${os.homedir()}/.aws`
  const [config, credentials] = await Promise.all([
    fs.readFile(env.AWS_CONFIG_FILE ?? `${home}/config`, 'utf8').catch(() => ''),
    fs.readFile(env.AWS_SHARED_CREDENTIALS_FILE ?? `${home}/credentials`, 'utf8').catch(() => ''),
  ])
  const sections = parseSections(config)
  const settings = new Map(sections.get(name === 'default' && sections.has(name) ? name : `profile ${name}`))
  // The credentials file may have a region too.
  for (const [setting, value] of parseSections(credentials).get(name) ?? []) settings.set(setting, value)
  const services = settings.get('services')
  const ofServices = services === undefined ? undefined : sections.get(`services ${services}`)
  for (const [setting, value] of ofServices ?? []) settings.set(setting, value)
  return settings
}

/** Parses a file of AWS: sections in brackets, `name = value`, and settings of a service indented below its name. */
export function parseSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  let above = ''
  for (const line of text.split(/\r?\n/)) {
    const content = line.split(/(?:^|\s)[;#]/)[0]?.trim() ?? ''
    const title = /^\[\s*(.+?)\s*\]$/.exec(content)?.[1]
    if (title !== undefined) {
      const name = title.replace(/\s+/, ' ').replace(/^(\S+ )?(["'])(.+)\2$/, '$1$3')
      section = sections.get(name) ?? new Map()
      sections.set(name, section)
      above = ''
      continue
    }
    const equals = content.indexOf('=')
    if (!section || equals < 1) continue
    const name = content.slice(0, equals).trim()
    const value = content.slice(equals + 1).trim()
    const isBelow = /^\s/.test(line) && above !== ''
    if (value === '') above = name
    else section.set(isBelow ? `${above}.${name}` : name, value)
    if (!isBelow && value !== '') above = ''
  }
  return sections
}
