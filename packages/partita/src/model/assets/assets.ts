/** The assets of a database, as its handle offers them. */
import { invalid } from '../../errors/errors.js'
import { checkAssetId } from '../../store/asset-store.js'
import { isPlainObject } from '../../value/value.js'
import type { DatabaseContext } from '../connect/context.js'
import { checkView, type ScopeState } from '../connect/scope.js'
import { assets } from '../on-demand.js'
import type { Asset, AssetSource, Assets, SweepOptions, SweepResult, UploadOptions } from '../types/assets.js'
import { assetStoreOf } from './configured.js'

/** Implements `Assets`. */
export class DatabaseAssets implements Assets<string> {
  readonly #db: DatabaseContext
  readonly #scope: () => ScopeState

  constructor(db: DatabaseContext, scope: () => ScopeState) {
    this.#db = db
    this.#scope = scope
  }

  /** Can be called within a transaction: an upload whose transaction does not commit is swept. */
  async upload(field: string, source: AssetSource, options: UploadOptions): Promise<Asset> {
    return (await assets.load()).upload(this.#db, field, source, options)
  }

  open(asset: Asset): AsyncIterable<Uint8Array> {
    if (!isPlainObject(asset)) throw invalid([], 'is not an asset; pass the value of an asset field')
    checkAssetId(asset.id)
    return assetStoreOf(this.#db).get(asset)
  }

  async sweep(options?: SweepOptions): Promise<SweepResult> {
    const scope = this.#scope()
    checkView({ db: this.#db, scope })
    if (scope.overlay) throw invalid(['sweep'], 'cannot run in a transaction; call it on the database')
    if (scope.tenant !== undefined) throw invalid(['sweep'], 'reads the rows of all tenants; call it outside a tenant')
    const hasPermissions = [...this.#db.rules.values()].some(({ permissions }) => permissions.kind !== 'http')
    if (hasPermissions && scope.system === undefined) {
      throw invalid(['sweep'], "reads rows that permissions hide; call it on db.scope({ system: 'sweep' })")
    }
    return (await assets.load()).sweep(this.#db, options)
  }
}
