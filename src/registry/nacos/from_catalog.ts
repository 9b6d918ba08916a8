import type { Api } from "./api.ts";
import { ofServices, type Way } from "./from_service.ts";
import type { Place, Published } from "./place.ts";

/** Bounds, so that a look into a large registry stays cheap. */
const MAX_PAGES = 10;
const MAX_WALK = 1_000;

/** Looks through the list of all services. */
export async function fromCatalog(api: Api, place: Place): Promise<Way> {
  const found: Published[] = [];
  for (let pageNo = 1; pageNo <= MAX_PAGES; pageNo++) {
    const page = await api.catalog(place, pageNo);
    if (page === undefined) return await fromWalk(api, place);
    found.push(...page.found);
    if (!page.isFull) {
      // 1.x counts these pages from 0, so that the first one is missing (its source).
      if (pageNo > 1) {
        found.push(...(await api.catalog(place, 0).catch(() => undefined))?.found ?? []);
      }
      return { found, isAll: true };
    }
  }
  return { found, ...TOO_MANY };
}

const TOO_MANY = {
  isAll: false,
  why: "the namespace has more services than are looked through",
};

/** Names first, then each service: only where nothing better is there (r-nacos 0.8.8). */
async function fromWalk(api: Api, place: Place): Promise<Way> {
  const services = await api.services(place.namespaceId);
  const found = await ofServices(api, place, services.slice(0, MAX_WALK));
  const isAll = services.length < MAX_WALK;
  return { found, ...isAll ? { isAll } : TOO_MANY };
}
