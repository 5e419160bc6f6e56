// Written by `bun run migration`.
import postgres0000 from './postgres/0000_initial.sql' with { type: 'text' }
import sqlite0000 from './sqlite/0000_initial.sql' with { type: 'text' }

/** The texts of all migrations, oldest first. */
export const files = {
  postgres: {
    '0000_initial': postgres0000,
  },
  sqlite: {
    '0000_initial': sqlite0000,
  },
}
