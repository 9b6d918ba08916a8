/** What is to be said of the files that were looked for. */

import { everyOne } from "./contributors.ts";
import { isOpenIn, isUnknown, lister, PROFILES, type Rounds, WHERE } from "./rounds.ts";

/** One thing that is to be said. */
export interface Note {
  readonly message: string;
  /** Something was wrong with a file: what others say counts, and may be wrong. */
  readonly isWarning?: true;
}

const OF_PROFILE = /^(?:application|bootstrap)-[^.]+\.(?:ya?ml|properties)$/;

/** The warnings, then what was read, what was not and why. */
export function notesOn(rounds: Rounds): Note[] {
  const { library: { read, notes, unseen, warnings }, known } = rounds;
  const isOpen = isOpenIn(rounds);
  // Else it may be the jar that names the profiles.
  const isTold = !isOpen && lister(known)("spring.profiles.active").length > 0;
  const paths = [...read.keys()].join(", ");
  const places = [...unseen].join(", ");
  const unknown = [...WHERE, ...PROFILES].map((name) => known.property(name)).filter(isUnknown);
  const left = isTold ? "" : unreadOfProfiles(rounds);
  const conditional = isTold ? "" : conditionalIn(rounds);
  const how = isOpen
    ? "do not count where that depends on a profile not known here"
    : "count as where no profile is active, since none is named here";
  const lines = [
    paths && `Spring's settings are read from ${paths}`,
    ...notes,
    places && `not seen here: ${places}; what stands only there has to be set`,
    left && `not read: ${left}; set SPRING_PROFILES_ACTIVE where such a profile is active`,
    ...unknown.map(({ note = "" }) => note),
    conditional &&
    `documents with on-profile in ${conditional} ${how}; set SPRING_PROFILES_ACTIVE`,
  ];
  return [
    ...[...warnings].map((message) => ({ message, isWarning: true as const })),
    ...lines.filter((line) => line !== "").map((message) => ({ message })),
  ];
}

function unreadOfProfiles({ library: { read, folders } }: Rounds): string {
  return [...folders].flatMap(([folder, names]) =>
    names.filter((name) => OF_PROFILE.test(name)).map((name) => folder + name)
  ).filter((path) => !read.has(path)).join(", ");
}

/** The files with documents that count for some profiles only. */
function conditionalIn({ all }: Rounds): string {
  const conditional = all.flatMap(({ root }) => [...everyOne(root)])
    .filter((one) => one.wishes().onProfile?.length);
  return [...new Set(conditional.map(({ path }) => path))].join(", ");
}
