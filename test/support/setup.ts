import { afterAll, afterEach } from 'bun:test'
import { removeBinary } from './binary'
import { cleanUpAll } from './cleanup'
import { stopSharedPostgres } from './databases'

afterEach(cleanUpAll)
afterAll(removeBinary)
afterAll(stopSharedPostgres)
