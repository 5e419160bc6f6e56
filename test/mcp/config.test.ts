import { describe, expect, it } from 'bun:test'
import { ConfigurationError, readConfig } from '../../src/config'

const complete = {
  DATABASE_URL: ':memory:',
  BETTER_AUTH_JWKS_URL: 'https://app.example/api/auth/jwks',
  BETTER_AUTH_ISSUER: 'https://app.example',
  BETTER_AUTH_AUDIENCE: 'https://app.example',
  MCP_RESOURCE: 'https://api.example/mcp',
}

const problemsOf = (environment: Record<string, string>) => {
  try {
    readConfig({ ...complete, ...environment })
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return ''
}

describe('MCP_RESOURCE', () => {
  it('takes its issuer from the address of the keys, or from MCP_ISSUER', () => {
    const { MCP_RESOURCE: resource } = complete
    expect(readConfig(complete).mcp).toEqual({ resource, issuer: 'https://app.example/api/auth' })
    const issuer = 'https://login.example'
    expect(readConfig({ ...complete, MCP_ISSUER: issuer }).mcp).toEqual({ resource, issuer })
    expect(readConfig({ ...complete, MCP_RESOURCE: '' }).mcp).toBeUndefined()
  })

  it.each([
    ['MCP_RESOURCE must be a URL', { MCP_RESOURCE: 'api.example/mcp' }],
    ['MCP_RESOURCE must be a URL', { MCP_RESOURCE: 'ftp://api.example/mcp' }],
    ['MCP_RESOURCE must be a URL', { MCP_RESOURCE: 'https://api.example/mcp?x=1' }],
    ['MCP_RESOURCE must be a URL', { MCP_RESOURCE: 'https://api.example/mcp#x' }],
    ['MCP_RESOURCE must be a URL', { MCP_RESOURCE: 'https://user:password@api.example/mcp' }],
    ['BETTER_AUTH_AUDIENCE is required with MCP_RESOURCE', { BETTER_AUTH_AUDIENCE: '' }],
    ['(for example BETTER_AUTH_AUDIENCE=https://app.example)', { BETTER_AUTH_AUDIENCE: '' }],
    ['BETTER_AUTH_AUDIENCE must not be MCP_RESOURCE', { BETTER_AUTH_AUDIENCE: complete.MCP_RESOURCE }],
    ['MCP_ISSUER must be a URL', { MCP_ISSUER: 'login' }],
    ['MCP_ISSUER is required', { BETTER_AUTH_JWKS_URL: 'https://app.example/keys.json' }],
    ['MCP_ISSUER is required', { BETTER_AUTH_JWKS_URL: '', BETTER_AUTH_SECRET: 'x'.repeat(32) }],
  ])('is refused at the start: %s', (sentence, environment) => {
    const message = problemsOf(environment)
    expect(message).toContain(sentence)
    expect(message).not.toContain('password')
  })

  it('that is missing beside MCP_ISSUER is warned of', () => {
    const { mcp, warnings } = readConfig({
      ...complete,
      MCP_RESOURCE: '',
      MCP_ISSUER: 'https://login.example',
    })
    expect(mcp).toBeUndefined()
    expect(warnings.join()).toContain('MCP_ISSUER has no effect')
  })

  it('that is not https is warned of, but for this machine', () => {
    const warningsOf = (MCP_RESOURCE: string) => readConfig({ ...complete, MCP_RESOURCE }).warnings
    expect(warningsOf('http://api.example/mcp').join()).toContain('MCP_RESOURCE is not https')
    expect(warningsOf('http://localhost:8000/mcp')).toEqual([])
    expect(warningsOf(complete.MCP_RESOURCE)).toEqual([])
  })
})
