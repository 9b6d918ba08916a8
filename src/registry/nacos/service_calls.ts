import * as z from "zod/mini";
import { createCatalogReader } from "./catalog.ts";
import type { Line } from "./dialect.ts";
import { type NacosService, type Place, serviceOf } from "./place.ts";
import { shape } from "../../shape.ts";

/** What is asked about namespaces and services. */
export type ServiceCalls = ReturnType<typeof serviceCalls>;

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

export function serviceCalls({ dialect, get }: Line) {
  return {
    /**
     * The namespaces: settings have the id of one, empty on 1.x and 2.x for the default one, and the
     * console shows the name first. None where this user may not see them.
     */
    namespaces: async () => await get(dialect.namespaces, {}, readNamespaces) ?? [],
    /** The services of all groups of a namespace, by name. */
    async services(namespaceId: string): Promise<NacosService[]> {
      const query = { namespaceId, ...NAMES_PAGE };
      const names = await get(dialect.services, query, serviceNames, { maxBytes: NAMES_BYTES });
      return (names ?? []).map(({ name, groupName }) => {
        return { namespaceId, groupName, serviceName: name };
      });
    },
    /** The names of a service's clusters. */
    clusters: async (service: NacosService) =>
      await get(dialect.service, serviceOf(service), dialect.readClusters) ?? [],
    /**
     * A page of all services of the place's namespace, with their instances. The parameters name the
     * service that the settings name: 2.2.4 and 3.1.0 judge the permission by it.
     *
     * @returns undefined where the server's list has no instances: r-nacos
     */
    async catalog(place: Place, pageNo: number) {
      const { takeItem, read } = createCatalogReader(place, place.namespaceId, CATALOG_PAGE);
      const page = { pageNo: String(pageNo), pageSize: String(CATALOG_PAGE) };
      const query = { ...serviceOf(place), withInstances: "true", ...page };
      return (await get(dialect.catalog, query, read, { takeItem }))?.page;
    },
  };
}
