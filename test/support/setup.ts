import { afterAll, afterEach } from 'bun:test'
import { runExitSteps } from './at-exit'
import { cleanUpAll } from './cleanup'

afterEach(cleanUpAll)
afterAll(runExitSteps)
