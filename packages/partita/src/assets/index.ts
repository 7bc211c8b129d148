/**
 * Asset stores in a folder and in memory, for fields of kind asset. The one on S3 is in `partita/assets-s3`.
 *
 * @module partita/assets
 * @example
 * import { connect, f, model } from 'partita'
 * import { memoryAssets } from 'partita/assets'
 *
 * const User = model('User', {
 *   fields: { userId: f.string(), avatar: f.asset({ types: ['image/*'], max: 2_000_000 }).optional() },
 *   key: 'userId',
 * })
 * const db = await connect({ models: { User }, store: 'memory:', assets: memoryAssets() })
 * const avatar = await db.assets.upload('User.avatar', new Uint8Array([1, 2, 3]), { type: 'image/png' })
 * await db.User.create({ userId: 'ada', avatar })
 * await db.close()
 */
export type { AssetEntry, AssetStore, StoredAsset } from '../store/asset-store.js'
export { assetUnreadable, checkAssetId, newAssetId, uploadTime } from '../store/asset-store.js'
export { type FolderAssetsOptions, folderAssets } from './folder.js'
export { Digest, verified } from './hashing.js'
export { memoryAssets } from './memory.js'
