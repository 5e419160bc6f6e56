import { describe, expect, it } from 'bun:test'
import { readConfig } from '../../src/config'
import { problemsOf, valid } from './support'

const local = 'http://localhost:3000'
const app = 'https://app.example'

describe('CORS_ORIGINS', () => {
  it.each([
    ['commas', `${local},${app}`],
    ['commas and blanks', ` ${local} , ${app} ,`],
    ['line breaks', `\n  ${local}\n  ${app}\n`],
    ['quotes around it', `"${local},${app}"`],
    ['JSON', `["${local}","${app}"]`],
    ['JSON on several lines', `[\n  "${local}",\n  "${app}"\n]`],
    ['JSON in quotes', `'["${local}", "${app}"]'`],
    ['JSON with escaped slashes', `["http:\\/\\/localhost:3000","https:\\/\\/app.example"]`],
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
    ['https://*.App.Example', 'https://*.app.example'],
    ['https://*.münchen.example:8443/', 'https://*.xn--mnchen-3ya.example:8443'],
    ['https://*-team.previews.example', 'https://*-team.previews.example'],
    // Nobody can register names under these.
    ['https://*.Example', 'https://*.example'],
    ['http://*.localhost:3000', 'http://*.localhost:3000'],
  ])('reads %s as browsers send it', (CORS_ORIGINS, origin) => {
    expect(readConfig({ ...valid, CORS_ORIGINS }).corsOrigins).toEqual([origin])
  })

  it.each([
    'localhost:3000',
    'app.example',
    'http://a.example/path',
    'http://a.example?x',
    'http://a.example#x',
    'capacitor://localhost/path',
    'http://',
    'file:///index.html',
    'null',
    '*',
    '["*"]',
    '["https://a.example"',
    '[["https://a.example"]]',
    '[null]',
    `['${app}']`,
    `${local};${app}`,
    '*.app.example',
    '*://app.example',
    'https://*',
    'http://*:3000',
    'https://*.com',
    'https://*app.example',
    'https://app.*',
    'https://app-*.previews.example',
    'https://app.*.example.org',
    'https://*.*.app.example',
    'https://*-*.app.example',
    'http://localhost:*',
    'https://*.app.example:*',
    'chrome-extension://*',
  ])('refuses %s', (CORS_ORIGINS) => {
    const { problems, message } = problemsOf({ ...valid, CORS_ORIGINS })
    expect(problems).toHaveLength(1)
    expect(message).toContain(
      'CORS_ORIGINS is a list whose entry 1 is not an origin: write scheme, host and port',
    )
    expect(message).toEndWith('(for example CORS_ORIGINS=https://app.example)')
  })

  it('names every wrong entry, and shows none', () => {
    const CORS_ORIGINS = 'bad,http://ok.example,https://u:hunter2@a.b'
    const { message, problems } = problemsOf({ ...valid, CORS_ORIGINS })
    expect(problems).toHaveLength(2)
    expect(message).toContain('entry 1 is not an origin')
    expect(message).toContain('entry 3 is not an origin')
    for (const part of ['bad', 'a.b', 'hunter2']) expect(message).not.toContain(part)
  })
})
