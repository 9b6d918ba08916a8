/** What comes of a removal, in words; at every registry the same. */

import { UnreachableError } from "../errors.ts";

/** It is not there any more. */
export const GONE_ALREADY = "it has been deregistered already";

/** Somebody has undone what was done. */
export const BACK = "it is back in service, so it is not removed";

/** The error for a removal that has had no effect. */
export function stillThere(label: string): UnreachableError {
  return new UnreachableError(`${label} is still there after the removal was answered`);
}
