/**
 * AWS's partitions and the domains of their endpoints.
 *
 * Source: `partitions.json`, which AWS publishes with its SDKs (`aws/aws-sdk-js-v3`, package `@aws-sdk/core`), version 1.1.
 * Every partition supports FIPS and dual-stack endpoints.
 */
interface Partition {
  readonly regions: RegExp
  readonly domain: string
  readonly dualStackDomain: string
}

/** The commercial partition, also for regions that no partition names. */
const COMMERCIAL: Partition = {
  regions: /^(us|eu|ap|sa|ca|me|af|il|mx)-/,
  domain: 'amazonaws.com',
  dualStackDomain: 'api.aws',
}

const OTHERS: readonly Partition[] = [
  { regions: /^cn-/, domain: 'amazonaws.com.cn', dualStackDomain: 'api.amazonwebservices.com.cn' },
  { regions: /^eusc-/, domain: 'amazonaws.eu', dualStackDomain: 'api.amazonwebservices.eu' },
  { regions: /^us-iso-/, domain: 'c2s.ic.gov', dualStackDomain: 'api.aws.ic.gov' },
  { regions: /^us-isob-/, domain: 'sc2s.sgov.gov', dualStackDomain: 'api.aws.scloud' },
  { regions: /^eu-isoe-/, domain: 'cloud.adc-e.uk', dualStackDomain: 'api.cloud-aws.adc-e.uk' },
  { regions: /^us-isof-/, domain: 'csp.hci.ic.gov', dualStackDomain: 'api.aws.hci.ic.gov' },
]

const GOVERNMENT = /^us-gov-\w+-\d+$/

/** Which of a region's endpoints is used. */
export interface EndpointKind {
  /** With cryptography that is validated by FIPS 140. */
  readonly fips: boolean
  /** Reachable over IPv4 and IPv6. */
  readonly dualStack: boolean
}

/** Returns the host of DynamoDB in a region. */
export function regionalHost(region: string, { fips, dualStack }: EndpointKind): string {
  const partition = OTHERS.find(({ regions }) => regions.test(region)) ?? COMMERCIAL
  // Every endpoint of the government's partition is validated; only its dual-stack ones have a name of their own.
  const isNamed = fips && (dualStack || !GOVERNMENT.test(region))
  const domain = dualStack ? partition.dualStackDomain : partition.domain
  return `dynamodb${isNamed ? '-fips' : ''}.${region}.${domain}`
}
