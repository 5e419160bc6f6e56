import { afterAll, afterEach } from 'bun:test'
import { cleanUpAll } from './cleanup'
import { stopSharedPostgres } from './databases'

afterEach(cleanUpAll)
afterAll(stopSharedPostgres)
