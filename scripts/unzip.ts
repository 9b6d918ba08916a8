/**
 * Reads one file out of a zip archive, so that no `unzip` is needed.
 *
 * @module
 */

/**
 * Unpacks one file.
 *
 * @param archive the whole archive
 * @param name the file's name in it
 * @throws {Error} it is no zip archive, or has no such file
 */
export async function unzip(
  archive: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const text = (start: number, length: number) =>
    new TextDecoder().decode(archive.subarray(start, start + length));
  // The directory is at the end, before a comment of up to 64 kB.
  let end = archive.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error(`Cannot unpack ${name}: this is no zip archive`);
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const nameLength = view.getUint16(at + 28, true);
    if (text(at + 46, nameLength) === name) {
      const method = view.getUint16(at + 10, true);
      const size = view.getUint32(at + 20, true);
      const local = view.getUint32(at + 42, true);
      const start = local + 30 + view.getUint16(local + 26, true) +
        view.getUint16(local + 28, true);
      const packed = archive.subarray(start, start + size);
      if (method === 0) return packed.slice();
      if (method !== 8) throw new Error(`Cannot unpack ${name}: unknown zip method ${method}`);
      const unpacked = new Blob([packed]).stream()
        .pipeThrough(new DecompressionStream("deflate-raw"));
      return new Uint8Array(await new Response(unpacked).arrayBuffer());
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  throw new Error(`Cannot unpack ${name}: the archive has no such file`);
}
