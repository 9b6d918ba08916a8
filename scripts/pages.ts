/** The pages that people read: those beside the README, and those in docs. */

const ROOT = new URL("../", import.meta.url);

/** One page. */
export interface Page {
  /** From the root of the repository: `docs/check.md`. */
  readonly path: string;
  readonly url: URL;
  readonly text: string;
}

/** All pages, in the order of their paths. */
export async function pages(): Promise<Page[]> {
  const paths = [...await pagesIn(""), ...await pagesBelow("docs/")];
  return await Promise.all(paths.map(async (path) => {
    const url = new URL(path, ROOT);
    return { path, url, text: await Deno.readTextFile(url) };
  }));
}

async function pagesBelow(folder: string): Promise<string[]> {
  const paths = await pagesIn(folder);
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) paths.push(...await pagesBelow(`${folder}${name}/`));
  }
  return paths.sort();
}

async function pagesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
    if (name.endsWith(".md")) names.push(folder + name);
  }
  return names.sort();
}

/** Whether a page is one of those in Chinese. */
export function isChinese(path: string): boolean {
  return path.includes("zh-CN");
}

/** The path of the same page in Chinese. */
export function inChinesePath(path: string): string {
  return path.startsWith("docs/")
    ? path.replace("docs/", "docs/zh-CN/")
    : path.replace(".md", ".zh-CN.md");
}
