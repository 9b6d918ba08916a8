/**
 * An image as a tar of the OCI layout, as `buildah push` and `docker buildx build` write it.
 *
 * @module
 */

import { runTool } from "./tool.ts";

/** An image in an archive. */
export interface Image {
  /** Of its manifest: what `docker pull NAME@DIGEST` takes. */
  readonly digest: string;
  /** Of the layers as they are pulled, bytes. */
  readonly packedSize: number;
  /** The layers as paths in the archive, the lowest first. */
  readonly layers: readonly string[];
  /** What a runtime reads. */
  readonly config: ImageConfig;
}

/** The part of an image's configuration that matters here. */
export interface ImageConfig {
  /** `amd64`, `arm64`. */
  readonly architecture: string;
  /** Of its containers. */
  readonly config: {
    readonly User?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
  };
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

const blob = ({ digest }: Descriptor) => `blobs/${digest.replace(":", "/")}`;

/**
 * Reads what an archive says of its only image.
 *
 * @throws {Error} it holds none, or several
 */
export async function readImage(archive: string): Promise<Image> {
  const read = async (name: string) => JSON.parse(await runTool("tar", ["-xOf", archive, name]));
  const { manifests }: { manifests: Descriptor[] } = await read("index.json");
  const [only] = manifests;
  if (only === undefined || manifests.length > 1) {
    throw new Error(`Cannot read ${archive}: it holds ${manifests.length} images, not one`);
  }
  const { config, layers }: { config: Descriptor; layers: Descriptor[] } = await read(blob(only));
  return {
    digest: only.digest,
    packedSize: layers.reduce((sum, { size }) => sum + size, 0),
    layers: layers.map(blob),
    config: await read(blob(config)),
  };
}
