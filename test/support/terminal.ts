import { cleanUp } from './cleanup'
import { bareEnvironment, createPrinted } from './program'

/** The character by which a terminal is told to interrupt all processes in its foreground. */
const interrupt = '\x03'
/** The one by which it is told to pause the output of all. */
const pause = '\x13'

/** Runs a command in a terminal of its own, as a person does. */
export const spawnInTerminal = (command: string[], cwd: string, environment: Record<string, string>) => {
  let text = ''
  const decoder = new TextDecoder()
  const child = Bun.spawn(command, {
    cwd,
    env: { ...bareEnvironment, ...environment },
    terminal: {
      data: (_, chunk) => {
        text += decoder.decode(chunk, { stream: true })
      },
    },
  })
  cleanUp(() => child.kill('SIGKILL'))
  const output = () => text
  return {
    process: child,
    output,
    printed: createPrinted(output),
    pressCtrlC: () => child.terminal?.write(interrupt),
    pressCtrlS: () => child.terminal?.write(pause),
  }
}
