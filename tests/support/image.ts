/** The image that was built: `KIT_IMAGE`, or what `deno task image` has left in dist. */

import { type Image, readImage } from "../../scripts/oci_archive.ts";
import { DIST } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";

/** The archive; undefined where there is none. */
export const IMAGE_ARCHIVE: string | undefined = archive();

/** @throws {Error} the one that was asked for is not there */
function archive(): string | undefined {
  const named = Deno.env.get("KIT_IMAGE");
  const path = named || `${DIST}/image.oci.tar`;
  try {
    Deno.statSync(path);
    return path;
  } catch (error) {
    if (!named && error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

export interface UnpackedImage {
  readonly image: Image;
  /** Its layers, one over the other, in a folder. */
  readonly root: string;
  remove(): void;
}

/** Unpacks an image, as a runtime does, with empty folders where that mounts something. */
export async function unpackImage(path: string): Promise<UnpackedImage> {
  const image = await readImage(path);
  const folder = Deno.makeTempDirSync({ prefix: "service-offline-image-" });
  const root = `${folder}/root`;
  Deno.mkdirSync(root);
  await runTool("tar", ["-C", folder, "-xf", path]);
  for (const layer of image.layers) {
    await runTool("tar", ["-C", root, "--same-owner", "-xpf", `${folder}/${layer}`]);
    Deno.removeSync(`${folder}/${layer}`);
  }
  Deno.chmodSync(folder, 0o755);
  return { image, root, remove: () => Deno.removeSync(folder, { recursive: true }) };
}
