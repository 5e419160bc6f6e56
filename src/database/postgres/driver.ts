import postgres from 'postgres'

/** postgres.js lacks the fixes in `patches/`, without which answers can reach the wrong statements. */
export class UnpatchedDriver extends Error {
  override name = 'UnpatchedDriver'
  constructor() {
    super(
      [
        'Postgres cannot be used: postgres.js is installed without the fixes of this service.',
        'Bun applies them only if the package.json at the root of the installation names them. Either run',
        '"bun install" in the folder of this service alone, or use its binary ("bun run build"), or add to the',
        'package.json at the root, with the path from there, and install again:',
        '  "patchedDependencies": { "postgres@3.4.9": "path/to/this/service/patches/postgres@3.4.9.patch" }',
      ].join('\n'),
    )
  }
}

/** Throws UnpatchedDriver unless postgres.js has the mark that the patch adds. */
export const requirePatchedDriver = () => {
  if (!('isPatched' in postgres)) throw new UnpatchedDriver()
}
