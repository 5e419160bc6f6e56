import type { Shot } from './kit/shot'

export interface Scenario {
  title: string
  /** Different tokens of the one user that requests bear in turns. */
  tokens: number
  toShot(base: string, tokens: readonly string[]): Shot
}

const newTask = { title: 'Buy milk', description: 'Two litres, and a loaf of bread' }

const list: Scenario = {
  title: 'list of 20',
  tokens: 1,
  toShot: (base, tokens) => ({ url: `${base}/api/tasks?limit=20`, method: 'GET', tokens }),
}

/** What is measured, by the names that --scenario takes. */
export const scenarios = {
  health: {
    title: 'health',
    tokens: 0,
    toShot: (base, tokens) => ({ url: `${base}/health`, method: 'GET', tokens }),
  },
  list,
  add: {
    title: 'add',
    tokens: 1,
    toShot: (base, tokens) => ({
      url: `${base}/api/tasks`,
      method: 'POST',
      body: JSON.stringify(newTask),
      tokens,
    }),
  },
  // Twice as many tokens as the service remembers, so that none is remembered until its turn comes.
  flood: { ...list, title: 'list of 20, 20,000 tokens in turns', tokens: 20_000 },
} satisfies Record<string, Scenario>

/** The flood is what an attacker does, not a user: it runs only where asked for. */
export const usual = ['health', 'list', 'add']
