import type { Disk } from "./record_file.ts";

/** By which `check` sees that a sidecar stands by beside it. */
export type SidecarMark = ReturnType<typeof sidecarMark>;

/**
 * The mark of an instance on its machine.
 *
 * @param identity that of the record
 */
export function sidecarMark(disk: Disk, identity: readonly string[]) {
  const name = encodeURIComponent(identity.join(" ")).slice(0, 180);
  const path = `/tmp/service-offline-sidecar-${name}`;
  const attempt = (what: () => unknown) => {
    try {
      what();
      return true;
    } catch {
      // Without a /tmp nobody sees it: `check` then names hooks that it does not need.
      return false;
    }
  };
  return {
    set: () => void attempt(() => disk.createTextFile(path, "")),
    clear: () => void attempt(() => disk.remove(path)),
    isSet: () => attempt(() => disk.about(path)),
  };
}
