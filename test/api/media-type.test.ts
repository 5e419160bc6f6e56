import { describe, expect, it } from 'bun:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { type Service, startService } from '../support/service'
import { tokenOf } from '../support/tokens'

const send = async (
  service: Service,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
) =>
  fetch(`${service.url}/api/tasks`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenOf('alice')}`,
      'content-type': 'application/json',
      ...headers,
    },
    body,
  })

const text = '{"title":"Müll"}'

const coded = {
  gzip: gzipSync(text),
  deflate: deflateSync(text),
  br: brotliCompressSync(text),
}

const refusedCodings: [string, string | Uint8Array<ArrayBuffer>][] = [
  ...Object.entries(coded).map(([coding, bytes]): [string, Uint8Array<ArrayBuffer>] => [
    coding,
    new Uint8Array(bytes),
  ]),
  ['GZIP', new Uint8Array(coded.gzip)],
  ['x-gzip', new Uint8Array(coded.gzip)],
  ['identity, gzip', new Uint8Array(coded.gzip)],
  ['zstd', 'x'],
  ['unheard-of', text],
]

describe('a body', () => {
  it.each(refusedCodings)(
    'with Content-Encoding: %s is refused, naming what is accepted',
    async (coding, body) => {
      const service = await startService('SQLite')
      const answer = await send(service, body, { 'content-encoding': coding })
      expect(answer.status).toBe(415)
      expect(answer.headers.get('accept-encoding')).toBe('identity')
      expect(await answer.json()).toMatchObject({
        status: 415,
        detail: 'The body must be sent as it is, without Content-Encoding.',
      })
    },
  )

  it.each(['identity', 'Identity', ''])('with Content-Encoding: %j is read as it is', async (coding) => {
    const service = await startService('SQLite')
    expect((await send(service, text, { 'content-encoding': coding })).status).toBe(201)
  })

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'application/json; charset=utf8',
    'application/json; Charset="UTF-8"; profile=x',
    'application/json ; charset = utf-8 ',
    'application/merge-patch+json; charset=utf-8',
    'application/json;',
  ])('of type %s is read', async (type) => {
    const service = await startService('SQLite')
    const answer = await send(service, text, { 'content-type': type })
    expect([answer.status, ((await answer.json()) as { title: string }).title]).toEqual([201, 'Müll'])
  })

  it.each([
    'application/json; charset=iso-8859-1',
    'application/json;charset=ISO-8859-1',
    'application/json; charset="iso-8859-1"',
    'application/json; charset=utf-16',
    'application/json; charset="UTF-16LE"',
    'application/json; CHARSET=latin1',
    'application/json; profile="a;b"; charset=windows-1252',
    'application/json; charset=utf-8; charset=utf-16',
    'application/ld+json; charset=utf-7',
  ])('of type %s is refused, without an Accept-Encoding', async (type) => {
    const service = await startService('SQLite')
    const answer = await send(service, text, { 'content-type': type })
    expect(answer.status).toBe(415)
    expect(answer.headers.has('accept-encoding')).toBe(false)
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('UTF-8') })
  })

  it('may start with a byte order mark, which is ignored', async () => {
    const service = await startService('SQLite')
    const answer = await send(service, `\ufeff${text}`, {})
    expect([answer.status, ((await answer.json()) as { title: string }).title]).toEqual([201, 'Müll'])
  })

  it('in UTF-16 is not JSON', async () => {
    const service = await startService('SQLite')
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))
    expect((await send(service, utf16, {})).status).toBe(400)
  })

  it('that a route does not read may have any type and coding', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    const headers = { 'content-type': 'text/plain; charset=latin1', 'content-encoding': 'gzip' }
    expect((await alice.post('/api/conversations', 'x', headers)).status).toBe(201)
  })
})
