/** Who imports whom in `src`, types too. */

const ROOT = new URL("..", import.meta.url);

/** One import, both ends as paths below `src`: `commands/check.ts`. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly Record<"code" | "type", { specifier: string } | undefined>[];
  }[];
}

/** Every import of `src/main.ts` and what it imports, as Deno itself sees them. */
export async function imports(): Promise<Import[]> {
  const args = ["info", "--json", "src/main.ts"];
  const { stdout, success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  if (!success) throw new Error("deno info has failed");
  const { modules }: Info = JSON.parse(new TextDecoder().decode(stdout));
  const src = new URL("src/", ROOT).href;
  return modules.flatMap(({ specifier: from, dependencies = [] }) =>
    dependencies.flatMap(({ code, type }) => {
      const to = (code ?? type)?.specifier ?? "";
      const isInside = from.startsWith(src) && to.startsWith(src);
      return isInside ? { from: from.slice(src.length), to: to.slice(src.length) } : [];
    })
  );
}

/** The folder of a path: `registry/nacos` for `registry/nacos/nacos.ts`, "" for `cli.ts`. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
