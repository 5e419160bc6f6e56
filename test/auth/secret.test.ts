import { describe, expect, it } from 'bun:test'
import { signJWT } from 'better-auth/crypto'
import { startService } from '../support/service'
import { secret } from '../support/tokens'

describe('the shared secret', () => {
  const statusWith = async (configured: string, signed: string) => {
    const service = await startService('SQLite', { BETTER_AUTH_SECRET: configured })
    const authorization = `Bearer ${await signJWT({ sub: 'alice' }, signed, 60)}`
    return (await service.get('/api/me', { authorization })).status
  }

  it.each([
    ['a line break at its end', `${secret}\n`],
    ['a line break of Windows at its end', `${secret}\r\n`],
    ['a blank before it', ` ${secret}`],
    ['a quote within it', `${secret}"'x`],
    ['letters that are not ASCII', `${secret}üß€😀`],
  ])('with %s verifies what Better Auth signs with the same', async (_, text) => {
    expect(await statusWith(text, text)).toBe(200)
    expect(await statusWith(text, secret)).toBe(401)
  })

  it.each([
    ['double quotes', `"${secret}"`],
    ['single quotes', `'${secret}'`],
  ])('with %s around it verifies what Better Auth signs without them', async (_, text) => {
    expect(await statusWith(text, secret)).toBe(200)
  })
})
