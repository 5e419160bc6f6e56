import { describe, expect, it } from 'bun:test'
import { readConfig } from '../../src/config'
import { problemsOf, valid } from './support'

const local = 'http://localhost:3000'
const app = 'https://app.example'

describe('CORS_ORIGINS', () => {
  it.each([
    ['commas', `${local},${app}`],
    ['commas and blanks', ` ${local} , ${app} ,`],
    ['blanks', `${local} ${app}`],
    ['line breaks', `\n  ${local}\n  ${app}\n`],
    ['semicolons', `${local};${app}`],
    ['JSON', `["${local}","${app}"]`],
    ['JSON on several lines', `[\n  "${local}",\n  "${app}"\n]`],
    ['JSON in quotes', `'["${local}", "${app}"]'`],
    ['JSON with escaped slashes', `["http:\\/\\/localhost:3000","https:\\/\\/app.example"]`],
    ['a list as Python prints it', `['${local}', '${app}']`],
    ['quotes around each', `"${local}","${app}"`],
  ])('is a list with %s', (_, CORS_ORIGINS) => {
    expect(readConfig({ ...valid, CORS_ORIGINS }).corsOrigins).toEqual([local, app])
  })

  it('may be an empty list', () => {
    expect(readConfig({ ...valid, CORS_ORIGINS: '[]' }).corsOrigins).toEqual([])
  })

  it.each([
    ['HTTP://App.Example', 'http://app.example'],
    ['https://app.example/', app],
    ['https://app.example:443', app],
    ['http://app.example:80/', 'http://app.example'],
    ['https://app.example:8443', 'https://app.example:8443'],
    ['https://münchen.example', 'https://xn--mnchen-3ya.example'],
    ['http://[0:0:0:0:0:0:0:1]:3000', 'http://[::1]:3000'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['ionic://LOCALHOST/', 'ionic://localhost'],
    ['tauri://localhost', 'tauri://localhost'],
    ['chrome-extension://abcdefghijklmnop', 'chrome-extension://abcdefghijklmnop'],
    ['https://*.Example', 'https://*.example'],
    ['https://*.münchen.example:8443/', 'https://*.xn--mnchen-3ya.example:8443'],
    ['https://app-*.previews.example', 'https://app-*.previews.example'],
    ['http://localhost:*', 'http://localhost:*'],
  ])('reads %s as browsers send it', (CORS_ORIGINS, origin) => {
    expect(readConfig({ ...valid, CORS_ORIGINS }).corsOrigins).toEqual([origin])
  })

  it.each([
    ['localhost:3000', 'write scheme, host and port'],
    ['app.example', 'write https://app.example'],
    ['*.app.example', 'write https://*.app.example'],
    ['http://a.example/path', 'write http://a.example'],
    ['http://a.example?x', 'write http://a.example'],
    ['capacitor://localhost/path', 'write capacitor://localhost'],
    ['http://', 'write scheme, host and port'],
    ['file:///index.html', 'write scheme, host and port'],
    ['*://app.example', 'write scheme, host and port'],
    ['*', 'is *: pages may send credentials'],
    ['"*"', 'is *: pages may send credentials'],
    ['["*"]', 'is *: pages may send credentials'],
    ['https://*', 'has no domain after its *'],
    ['http://*:3000', 'has no domain after its *'],
    ['https://*app.example', 'has no domain after its *'],
    ['https://app.*', 'has no domain after its *'],
    ['chrome-extension://*', 'has no domain after its *'],
    ['null', 'is null, the origin of every sandboxed frame'],
  ])('refuses %s and says why', (CORS_ORIGINS, reason) => {
    expect(problemsOf({ ...valid, CORS_ORIGINS }).problems).toEqual([
      { variable: 'CORS_ORIGINS', message: expect.stringContaining(reason) },
    ])
  })

  it('names every wrong origin, and none of their credentials', () => {
    const CORS_ORIGINS = 'bad,http://ok.example,https://u:hunter2@a.b'
    const { message, problems } = problemsOf({ ...valid, CORS_ORIGINS })
    expect(problems).toHaveLength(2)
    expect(message).toContain('entry 1 is not an origin')
    expect(message).toContain('entry 3 is not an origin: write https://a.b')
    expect(message).not.toContain('hunter2')
  })
})
