import type { McpConfig } from '../config'
import { type Authenticate, createAuthenticate, type Verify } from './authenticate'
import { TokenRejected } from './errors'
import { printable } from './printable'

/**
 * Rejects tokens that are bound to a key (`cnf`, RFC 7800), since that key is not checked here, and tokens of the
 * client credentials grant, whose `sub` is the client (RFC 9068, section 5). The function throws TokenRejected.
 */
const forUsersOnly =
  (verify: Verify): Verify =>
  async (...input) => {
    const verified = await verify(...input)
    const { cnf, sub, client_id, azp } = verified.claims
    if (cnf !== undefined)
      throw new TokenRejected('token_bound', { expected: 'a bearer token', found: 'the claim cnf' })
    if (sub !== undefined && (sub === client_id || sub === azp))
      throw new TokenRejected('token_user', {
        expected: 'a user as sub',
        found: `the client ${printable(sub)}`,
        hint: 'it was issued for client credentials: sign in as a user',
      })
    return verified
  }

/** The function from a token of an assistant to its user, if assistants sign in through OAuth. */
export const createMcpAuthenticate = (
  verify: Verify,
  { resource, issuer }: McpConfig,
  onEndlessToken: () => void,
): Authenticate =>
  createAuthenticate(
    forUsersOnly(verify),
    { issuer, audience: resource, variables: { issuer: 'MCP_ISSUER', audience: 'MCP_RESOURCE' } },
    onEndlessToken,
  )
