/**
 * What an ELF file says about the loader and the libraries it needs. Read from the file itself: `ldd`
 * runs it, which does not work for another architecture.
 *
 * @module
 */

/** An architecture that the kit is built for, as `Deno.build.arch` names it. */
export type Arch = "x86_64" | "aarch64";

/** What is read from an ELF file. */
export interface Elf {
  /** What it runs on. */
  readonly arch: Arch;
  /** Path of the loader that the kernel starts for it; undefined for a library. */
  readonly interpreter: string | undefined;
  /** Names of the libraries it needs, in its order. */
  readonly needed: readonly string[];
  /** Where it looks for them before LD_LIBRARY_PATH (DT_RPATH). */
  readonly rpath: string | undefined;
}

const MACHINES: Readonly<Record<number, Arch>> = { 62: "x86_64", 183: "aarch64" };

// Names and numbers of the ELF specification, 64 bit, little endian.
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;

/**
 * Reads an ELF file.
 *
 * @param path the file
 * @throws {Error} it is no 64-bit little-endian ELF file for x86_64 or aarch64
 */
export function readElf(path: string): Elf {
  using file = Deno.openSync(path);
  const at = (offset: number, length: number): DataView => {
    const bytes = new Uint8Array(length);
    file.seekSync(offset, Deno.SeekMode.Start);
    let read = 0;
    while (read < length) {
      const n = file.readSync(bytes.subarray(read));
      if (n === null) throw new Error(`Cannot read ${path} as ELF: it ends at ${offset + read}`);
      read += n;
    }
    return new DataView(bytes.buffer);
  };
  const size = file.statSync().size;
  const head = size < 64 ? undefined : at(0, 64);
  // 0x7f E L F, class 2 (64 bit), data 1 (little endian).
  if (head?.getUint32(0) !== 0x7f454c46 || head.getUint16(4) !== 0x0201) {
    throw new Error(`Cannot read ${path}: it is no 64-bit little-endian ELF file`);
  }
  const machine = head.getUint16(18, true);
  const arch = MACHINES[machine];
  if (arch === undefined) throw new Error(`Cannot use ${path}: it is for ELF machine ${machine}`);

  const headerSize = head.getUint16(54, true);
  const table = at(number(head, 32), headerSize * head.getUint16(56, true));
  const segments = Array.from({ length: head.getUint16(56, true) }, (_, i) => {
    const start = i * headerSize;
    return {
      type: table.getUint32(start, true),
      offset: number(table, start + 8),
      address: number(table, start + 16),
      size: number(table, start + 32),
    };
  });
  const text = (offset: number): string => {
    const most = Math.min(4096, size - offset);
    const bytes = new Uint8Array(at(offset, most).buffer);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  };

  const interp = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const entries: { tag: number; value: number }[] = [];
  if (dynamic) {
    const view = at(dynamic.offset, dynamic.size);
    for (let i = 0; i + 16 <= view.byteLength; i += 16) {
      const tag = number(view, i);
      if (tag === 0) break;
      entries.push({ tag, value: number(view, i + 8) });
    }
  }
  const strings = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
  const within = segments.find(({ type, address, size }) =>
    type === PT_LOAD && strings >= address && strings < address + size
  );
  const named = (wanted: number): string[] =>
    within === undefined
      ? []
      : entries.filter(({ tag }) => tag === wanted).map(({ value }) =>
        text(strings - within.address + within.offset + value)
      );
  return {
    arch,
    interpreter: interp && text(interp.offset),
    needed: named(DT_NEEDED),
    rpath: named(DT_RPATH)[0],
  };
}

/** A 64-bit value; those of tags that are flags may be cut, sizes and addresses never are. */
function number(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}
