/**
 * Types for the configuration file of the command `partita`.
 *
 * @module @partita/cli
 */
import type { PartitaConfig } from './config/config.js'

export type { CodegenConfig, PartitaConfig } from './config/config.js'

/**
 * Returns the configuration as it is. In `partita.config.ts` and `.js` it lets editors complete and check the settings.
 *
 * @example
 * import { defineConfig } from '@partita/cli'
 *
 * export default defineConfig({ store: 'embedded:./data', table: 'app', models: './src/models.ts' })
 */
export function defineConfig(config: PartitaConfig): PartitaConfig {
  return config
}
