import { join } from 'node:path'
import { cleanUp } from '../../support/cleanup'
import { temporaryFolder } from '../../support/databases'

/** A file system of so many megabytes. Mounting takes root, which CI has. */
export const smallDisk = async (megabytes: number) => {
  const folder = temporaryFolder()
  await Bun.$`mount -t tmpfs -o size=${megabytes}m,mode=755 tmpfs ${folder}`
  // Lazily: a process that a failed test left behind must not keep it.
  cleanUp(() => Bun.$`umount --lazy ${folder}`.quiet())
  return folder
}

/** Takes all that is left; returns the file whose removal makes room. */
export const fill = async (folder: string) => {
  const filler = join(folder, 'filler')
  await Bun.$`dd if=/dev/zero of=${filler} bs=64k`.quiet().nothrow()
  return filler
}

export const grow = (folder: string, megabytes: number) =>
  Bun.$`mount -o remount,size=${megabytes}m ${folder}`.quiet()
