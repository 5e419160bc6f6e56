const steps: (() => void)[] = []

/** Runs all steps that were registered, the last one first. Bun's test runner emits no exit at its end. */
export const runExitSteps = () => {
  for (const step of steps.splice(0).reverse())
    try {
      step()
    } catch (error) {
      console.error(error)
    }
}

process.on('exit', runExitSteps)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

/** Runs a step when this program ends, unless it is killed. */
export const atExit = (step: () => void) => {
  steps.push(step)
}
