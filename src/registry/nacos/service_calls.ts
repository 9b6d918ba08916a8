import * as z from "zod/mini";
import { type CatalogPage, createCatalogReader } from "./catalog.ts";
import type { Line } from "./dialect.ts";
import { type NacosService, type Place, serviceOf } from "./place.ts";
import { shape } from "../../shape.ts";

/** What is asked about namespaces and services. */
export interface ServiceCalls {
  /** None where this user may not see them. */
  namespaces(): Promise<Namespace[]>;
  /** The services of all groups of a namespace, by name. */
  services(namespaceId: string): Promise<NacosService[]>;
  /** The names of a service's clusters. */
  clusters(service: NacosService): Promise<string[]>;
  /**
   * A page of all services of the place's namespace, with their instances. The parameters name the
   * service that the settings name: 2.2.4 and 3.1.0 judge the permission by it.
   *
   * @returns undefined where the server's list has no instances: r-nacos
   */
  catalog(place: Place, pageNo: number): Promise<CatalogPage | undefined>;
}

/** A namespace: settings have its id, and the console shows its name first. */
interface Namespace {
  /** The id; empty on 1.x and 2.x for the default one. */
  readonly namespace: string;
  readonly namespaceShowName: string;
}

const readNamespaces = shape(() =>
  z.array(z.object({ namespace: z.string(), namespaceShowName: z.string() }))
);

const serviceNames = shape(() => z.array(z.object({ name: z.string(), groupName: z.string() })));

/** So many services of a namespace are looked through for near misses. */
const NAMES_PAGE = { pageNo: "1", pageSize: "1000" };
/** 150 kB were seen (3.1.0). */
const NAMES_BYTES = 512 * 1024;

/** So many services a page: 0.6 to 0.9 MB and 11 to 78 ms with an instance each (2.2.4, 3.1.0). */
const CATALOG_PAGE = 1_000;

export function serviceCalls({ dialect, get }: Line): ServiceCalls {
  return {
    namespaces: async () => await get(dialect.namespaces, {}, readNamespaces) ?? [],
    async services(namespaceId) {
      const query = { namespaceId, ...NAMES_PAGE };
      const names = await get(dialect.services, query, serviceNames, { maxBytes: NAMES_BYTES });
      return (names ?? []).map(({ name, groupName }) => ({
        namespaceId,
        groupName,
        serviceName: name,
      }));
    },
    clusters: async (service) =>
      await get(dialect.service, serviceOf(service), dialect.readClusters) ?? [],
    async catalog(place, pageNo) {
      const { takeItem, read } = createCatalogReader(place, place.namespaceId, CATALOG_PAGE);
      const page = { pageNo: String(pageNo), pageSize: String(CATALOG_PAGE) };
      const query = { ...serviceOf(place), withInstances: "true", ...page };
      return (await get(dialect.catalog, query, read, { takeItem }))?.page;
    },
  };
}
