import type { Clock } from "./clock.ts";
import type { Folders } from "./commands/install.ts";
import type { Disk } from "./lifecycle/record_file.ts";
import type { Interface } from "./registry/pod_addresses.ts";

/** The process as the program sees it. */
export interface Process {
  /** Without the name of the program. */
  readonly args: readonly string[];
  /** An environment variable; throws where it is no text. */
  readonly env: (name: string) => string | undefined;
  /** The addresses of this machine, or of this pod; empty where they cannot be seen. */
  readonly interfaces?: () => readonly Interface[];
  readonly clock: Clock;
  readonly disk: Disk;
  /** Prints what was asked for on stdout, however long its reader takes; never throws. */
  readonly print: (text: string) => void;
  /** Writes a line of the log to stdout without waiting for its reader; never throws. */
  readonly stdout: (text: string) => void;
  /** Writes a line to stderr in the same way. */
  readonly stderr: (text: string) => void;
  readonly folders: Folders;
  /** Whether a person is looking on: then mistakes in the call end the run at once. */
  readonly interactive: boolean;
  /** Whether stdout and stderr are terminals, one and the same as a rule. */
  readonly oneTerminal: boolean;
  /** Whether stdout shows colours. */
  readonly colour: boolean;
  /** Lets TERM, and INT by hand, fire a signal instead of ending the process: for `sidecar`. */
  readonly catchTerm: () => AbortSignal;
  /** Hands over what was thrown and nobody has caught, which would end the process: a bug. */
  readonly onStray: (take: (thrown: unknown) => void) => void;
}
