/** Where credentials come from: the options, the environment, or the credential providers of the AWS SDK. */
import { UnavailableError } from '../../errors/errors.js'
import type { AwsCredentialIdentity } from '../transport/signature.js'

/** Returns credentials, as the SDK's credential providers do. */
export type CredentialProvider = (options?: { readonly forceRefresh?: boolean }) => Promise<AwsCredentialIdentity>

type Environment = Readonly<Record<string, string | undefined>>

const CHAIN = '@aws-sdk/credential-provider-node'

/**
 * The default credentials: those of the environment, as Lambda and CI set them, unless it names a profile; otherwise the
 * SDK's chain of profiles, single sign-on, web identity, containers and instance metadata.
 */
export function defaultProvider(env: Environment): CredentialProvider {
  let chain: Promise<CredentialProvider> | undefined
  return async options => {
    const found = fromEnvironment(env)
    if (found) return found
    chain ??= loadChain()
    return (await chain)(options)
  }
}

function fromEnvironment(env: Environment): AwsCredentialIdentity | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_PROFILE: profile } = env
  if (!accessKeyId || !secretAccessKey || profile) return undefined
  const { AWS_SESSION_TOKEN: sessionToken, AWS_CREDENTIAL_EXPIRATION: expiration } = env
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(expiration && { expiration: new Date(expiration) }),
  }
}

/** A variable with ignore comments, so that bundlers do not follow the import to a package that may not be installed. */
async function loadChain(): Promise<CredentialProvider> {
  const name: string = CHAIN
  try {
    const module: { readonly defaultProvider: () => CredentialProvider } = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name
    )
    return module.defaultProvider()
  } catch (cause) {
    throw new UnavailableError(
      'No AWS credentials were found in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY). For profiles, ' +
        `single sign-on, containers and instances install ${CHAIN}; a bundled program passes credentials: ` +
        'defaultProvider() of that package to dynamodb',
      {},
      cause,
    )
  }
}
