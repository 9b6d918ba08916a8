const advice = (port: string) =>
  `; this looks like ${port}: NACOS_SERVER_ADDR needs the server's own, 8848 by default`;

/** What to say where something else than HTTP/1.1 answers: HTTP/2 (2.2.4, 3.1.0, r-nacos 0.8.8). */
export const GRPC_PORT: string = advice("the gRPC port (9848 by default)");

/**
 * What to say of an answer's body; empty where it is not that of a console. That of 3.1.0 answers so
 * to paths of the API, and that of r-nacos 0.8.8.
 */
export function consolePort(body: string): string {
  return /^(caused: No static resource |\{"data":null,"success":false,"code":"NO_LOGIN")/.test(body)
    ? advice("the console's port")
    : "";
}
