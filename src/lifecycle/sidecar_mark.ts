import type { Disk } from "./record_file.ts";
import { tried } from "../tried.ts";

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
  return {
    // Without a /tmp nobody sees it: `check` then names hooks that it does not need.
    set: () => void tried(() => disk.createTextFile(path, "")),
    clear: () => void tried(() => disk.remove(path)),
    isSet: () => tried(() => disk.about(path)) !== undefined,
  };
}
