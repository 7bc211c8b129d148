/** The asset store that a program connects. */
import { invalid } from '../../errors/errors.js'
import type { AssetStore } from '../../store/asset-store.js'
import type { DatabaseContext } from '../connect/context.js'

/** The asset store of a database. @throws ValidationError if `connect` has none. */
export function assetStoreOf({ assets }: DatabaseContext): AssetStore {
  if (assets) return assets
  throw invalid(['assets'], 'is missing in connect; pass an asset store, such as folderAssets of partita/assets')
}
