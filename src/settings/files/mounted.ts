/** Spring's properties from files: those that it reads, in the order in which it takes them. */

import { firstIn } from "./contributors.ts";
import type { Found } from "./document.ts";
import type { Files } from "./disk.ts";
import { createLibrary, namesIn } from "./library.ts";
import { type Note, notesOn } from "./notes.ts";
import { documentsOf, type Known, lister, readRounds, type Rounds, WHERE } from "./rounds.ts";

/** Where Spring looks that is told nothing else. */
const SEARCHED = "optional:file:./;optional:file:./config/;optional:file:./config/*/";

/** Where files are often mounted that Java's command line names, which is not seen here. */
const USUAL_MOUNT = "optional:file:/config/";

/** The properties of mounted files. */
interface Mounted {
  /** Reads the files, where nobody has asked before. @param name uniform */
  readonly find: (name: string) => Found | undefined;
  /** What is to be said of the files that were looked for. */
  readonly notes: () => readonly Note[];
}

/** Looks at the disk when the first property is asked for. */
export function createMounted(files: Files, known: Known): Mounted {
  const rounds: Rounds = { library: createLibrary(files), known, all: [] };
  let isBegun = false;
  const begin = () => {
    isBegun = true;
    // Most pods have no such files, and all that reads them takes a millisecond or two to compile.
    if (!mayBeAny(rounds)) return;
    readRounds(rounds, SEARCHED);
    const isElsewhere = lister(known)("spring.config.location").length > 0;
    if (rounds.library.read.size === 0 && !isElsewhere) readRounds(rounds, USUAL_MOUNT);
  };
  return {
    find(name) {
      if (!isBegun) begin();
      return firstIn(documentsOf(rounds), name);
    },
    notes: () => isBegun ? notesOn(rounds) : [],
  };
}

function mayBeAny({ library, known }: Rounds): boolean {
  const names = (folder: string) => namesIn(library, folder, true);
  return names("./").some((name) => /^(?:application|bootstrap)/.test(name)) ||
    ["./config/", "/config/"].some((folder) => names(folder).length > 0) ||
    WHERE.some((name) => known.property(name) !== undefined);
}
