import { expect, it } from 'bun:test'
import { nearMiss } from '../../src/auth/near-miss'

const expected = 'https://app.example'

it.each([
  ['https://app.example/', 'a trailing slash'],
  ['https://app.example/api/auth', 'the path /api/auth'],
  ['https://app.example/api/auth/', 'the path /api/auth and a trailing slash'],
  ['http://app.example', 'the scheme'],
  ['app.example', 'the scheme'],
  ['https://app.example:443', 'the default port'],
  ['https://App.Example', 'the case of letters'],
  ['https://www.app.example', 'a leading www.'],
  ['"https://app.example"', 'quotes or white space around it'],
  ['https://app.example\n', 'quotes or white space around it'],
  ['http://www.app.example/', 'the scheme and a leading www. and a trailing slash'],
])('the difference between https://app.example and %j is %s, in either direction', (found, difference) => {
  expect(nearMiss(expected, found)).toBe(difference)
  expect(nearMiss(found, expected)).toBe(difference)
})

it('127.0.0.1 is a near miss of localhost', () => {
  expect(nearMiss('http://localhost:3000', 'http://127.0.0.1:3000')).toBe('127.0.0.1 for localhost')
})

it.each([
  'https://api.example',
  'https://app.example.evil',
  'https://app.example/v2',
  'https://app.example:8443',
  '',
  undefined,
  42,
  [['https://app.example/']],
  `${expected}${'/'.repeat(1_000_000)}`,
])('%p is not a near miss of https://app.example', (found) => {
  expect(nearMiss(expected, found)).toBeUndefined()
})
