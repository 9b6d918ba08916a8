/**
 * Nacos has several ports, and people know others than the one of its API. Each function gives words
 * to be put behind what came back, and nothing where it came from no other port.
 *
 * @module
 */

/** Of the error for HTTP/2, which the gRPC ports of 2.2.4, 3.1.0 and r-nacos 0.8.8 speak at once. */
export function grpcPort(error: string): string {
  return /is no HTTP\/1\.1/.test(error) ? advice("the gRPC port (9848 by default)") : "";
}

/** Of a body: what the console of 3.1.0 answers to paths of the API, and that of r-nacos 0.8.8. */
export function consolePort(body: string): string {
  return /^(caused: No static resource |\{"data":null,"success":false,"code":"NO_LOGIN")/.test(body)
    ? advice("the console's port")
    : "";
}

function advice(port: string): string {
  return `; this looks like ${port}: NACOS_SERVER_ADDR needs the server's own, 8848 by default`;
}
