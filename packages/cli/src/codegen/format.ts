/** Formats generated code in the style of the project: as its Prettier or Biome configuration says. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { format, type Options, resolveConfig, resolveConfigFile } from 'prettier'
import { BadInput } from '../failure.js'

const BIOME = ['biome.json', 'biome.jsonc']
const WIDTH = 100

/**
 * The style for a file: of the nearest Prettier configuration, else of Biome's, else of .editorconfig.
 * @throws BadInput if the project's configuration cannot be read.
 */
export async function styleFor(file: string): Promise<Options> {
  try {
    const isPrettier = (await resolveConfigFile(file)) !== null
    const found = await resolveConfig(file, { editorconfig: true })
    const style = isPrettier ? found : (biomeStyle(dirname(resolve(file))) ?? found)
    // Plugins would run on code that needs none.
    const { plugins: _, parser: __, ...options } = style ?? { printWidth: WIDTH }
    return options
  } catch (error) {
    throw new BadInput(`the configuration of the formatter cannot be read: ${(error as Error).message}`, {}, error)
  }
}

/** Formats a module. */
export function formatCode(code: string, language: 'ts' | 'js', style: Options): Promise<string> {
  return format(code, { ...style, parser: language === 'ts' ? 'typescript' : 'babel' })
}

interface BiomeConfig {
  readonly formatter?: { readonly indentStyle?: string; readonly indentWidth?: number; readonly lineWidth?: number }
  readonly javascript?: {
    readonly formatter?: {
      readonly quoteStyle?: string
      readonly semicolons?: string
      readonly arrowParentheses?: string
      readonly trailingCommas?: string
      readonly bracketSpacing?: boolean
    }
  }
}

/** The style of the nearest Biome configuration above a folder. The two formatters agree on all else. */
function biomeStyle(folder: string): Options | undefined {
  const path = BIOME.map(name => join(folder, name)).find(it => existsSync(it))
  if (path === undefined) return dirname(folder) === folder ? undefined : biomeStyle(dirname(folder))
  const { formatter = {}, javascript = {} } = parseLoosely(readFileSync(path, 'utf8'))
  const own = javascript.formatter ?? {}
  return {
    useTabs: formatter.indentStyle !== 'space',
    tabWidth: formatter.indentWidth ?? 2,
    printWidth: formatter.lineWidth ?? 80,
    singleQuote: own.quoteStyle === 'single',
    semi: own.semicolons !== 'asNeeded',
    arrowParens: own.arrowParentheses === 'asNeeded' ? 'avoid' : 'always',
    trailingComma: own.trailingCommas === 'none' || own.trailingCommas === 'es5' ? own.trailingCommas : 'all',
    bracketSpacing: own.bracketSpacing ?? true,
  }
}

/** JSON with comments. One that cannot be read has no style: Biome itself will say what is wrong with it. */
function parseLoosely(text: string): BiomeConfig {
  try {
    return JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|\/\/.*|\/\*[\s\S]*?\*\//g, (_, quoted) => quoted ?? ''))
  } catch {
    return {}
  }
}
