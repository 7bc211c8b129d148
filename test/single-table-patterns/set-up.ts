/** The setup of the programs in this folder: the only part that depends on the store. */
import { SingleTable } from 'partita/table'
import type { Store } from '../../packages/partita/src/store/store.js'

export function setUp(store: Store, name: string, clock?: () => number) {
  return new SingleTable({
    store,
    clock,
    table: name,
    partitionKey: 'pk',
    rangeKey: 'sk',
    keySeparator: '#',
    typeIndex: { name: 'TypeIndex', partitionKey: '_type', rangeKey: '_timestamp' },
    expiresAt: 'ttl',
    indexes: {
      GSI1: { partitionKey: 'gsi1pk', rangeKey: 'gsi1sk' },
      GSI2: { partitionKey: 'gsi2pk', rangeKey: 'gsi2sk' },
    },
    autoRemoveTableProperties: true,
    keepTypeProperty: false,
    blockInternalPropUpdate: true,
  })
}

export type AppTable = ReturnType<typeof setUp>
