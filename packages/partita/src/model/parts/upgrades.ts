/** Upgrades rows of older forms when they are read. */
export { belongsTo, failureOf, isUpgraded, storedRow, upgradeAnswer, upgradeItem } from '../evolve/upgrade.js'
