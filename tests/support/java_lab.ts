/** Builds small Java programs with Maven and javac, once per machine. */

/** A program of a few Java files and the libraries it wants from Maven Central. */
export interface JavaProgram {
  /** Begins the name of its cache folder: `nacos-2.2.4`. */
  readonly name: string;
  /** Where its `pom.xml` is. */
  readonly pom: URL;
  /** Its source files; the class named as the first has `main`. */
  readonly sources: readonly URL[];
  readonly properties?: Readonly<Record<string, string>>;
}

export interface BuiltJava {
  readonly lib: string;
  readonly classes: string;
}

const MAVEN_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies";
const BUILD_TIMEOUT_MS = 10 * 60_000;

/**
 * Builds a program into the cache folder, unless it is there already. The folder's name carries a
 * hash of pom and source, so a change is a new build; it appears only when it is complete, so two
 * test runs may build at once.
 */
export async function buildJava(program: JavaProgram): Promise<BuiltJava> {
  const pom = await Deno.readTextFile(program.pom);
  const sources = await Promise.all(program.sources.map((source) => Deno.readTextFile(source)));
  const key = await digest(JSON.stringify([pom, ...sources, program.properties ?? {}]));
  const lab = labFolder();
  const done = `${lab}/${program.name}-${key}`;
  const built = { lib: `${done}/lib`, classes: `${done}/classes` };
  if (await exists(done)) return built;

  await Deno.mkdir(lab, { recursive: true });
  const work = await Deno.makeTempDir({ dir: lab, prefix: ".building-" });
  try {
    await Deno.writeTextFile(`${work}/pom.xml`, pom);
    const files = program.sources.map(({ pathname }) => pathname.split("/").pop() ?? "Main.java");
    for (const [i, file] of files.entries()) {
      await Deno.writeTextFile(`${work}/${file}`, sources[i] ?? "");
    }
    const properties = Object.entries(program.properties ?? {}).map(([k, v]) => `-D${k}=${v}`);
    await run(work, "mvn", [
      "-B",
      "-q",
      MAVEN_GOAL,
      "-DincludeScope=runtime",
      "-DoutputDirectory=lib",
      ...properties,
    ]);
    await Deno.mkdir(`${work}/classes`);
    // The 2.2.4 server does not start without one on its class path.
    await Deno.writeTextFile(`${work}/classes/application.properties`, "");
    await run(work, "javac", ["-cp", "lib/*", "-d", "classes", ...files]);
    await Deno.rename(work, done);
  } catch (error) {
    await Deno.remove(work, { recursive: true });
    // Another run was faster: its build is as good as ours.
    if (!await exists(done)) throw error;
  }
  return built;
}

/** The cache folder: `REGISTRY_LAB_DIR`, or `~/.cache/registry-lab`. */
function labFolder(): string {
  return Deno.env.get("REGISTRY_LAB_DIR") ||
    `${Deno.env.get("HOME") ?? "/tmp"}/.cache/registry-lab`;
}

async function run(cwd: string, command: string, args: string[]): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), BUILD_TIMEOUT_MS);
  try {
    const output = await new Deno.Command(command, {
      args,
      cwd,
      signal: limit.signal,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    if (output.success) return;
    const text = new TextDecoder();
    const said = (text.decode(output.stdout) + text.decode(output.stderr)).trim().slice(-4000);
    const why = limit.signal.aborted
      ? "was not done after 10 minutes"
      : `ended with ${output.code}`;
    throw new Error(`${command} ${args.join(" ")} ${why}:\n${said}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot run ${command}: real registries need a JDK of 17 or later and Maven`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(bytes).toHex().slice(0, 12);
}

/** What `java` gets to run a caller: one that starts quickly and stays small, and is never fast. */
export function callerArgs(
  { classes, lib }: BuiltJava,
  main: string,
  heapMiB: number,
  flags: readonly string[] = [],
): string[] {
  return [
    `-Xmx${heapMiB}m`,
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Djava.net.preferIPv4Stack=true",
    // What clients cache and log goes into the folder that it is started in.
    "-Duser.home=.",
    "-DJM.LOG.PATH=.",
    "-Djava.io.tmpdir=.",
    ...flags,
    "-cp",
    `${classes}:${lib}/*`,
    main,
  ];
}
