import { afterAll, afterEach, setDefaultTimeout } from 'bun:test'
import { cleanUpAll } from './cleanup'
import { stopSharedPostgres } from './databases'

setDefaultTimeout(30_000)
afterEach(cleanUpAll)
afterAll(stopSharedPostgres)
