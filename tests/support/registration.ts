/** An instance that a test has registered, and its heartbeats. */

export interface Registration<Instance> {
  readonly instance: Instance;
  /** Ends the heartbeats as a kill does; the registration is left to the server. */
  stop(): Promise<void>;
}

export interface RegisterOptions {
  /** Whether to send heartbeats until `stop()`. @default {false} */
  readonly heartbeat?: boolean;
  /** Milliseconds between two of them. */
  readonly heartbeatMs?: number;
}

/** Registers, and sends heartbeats if told to; `beat` says whether the server knows the instance. */
export async function keepRegistered<Instance>(
  instance: Instance,
  { heartbeat = false, heartbeatMs = 1_000 }: RegisterOptions,
  register: () => Promise<void>,
  beat: () => Promise<boolean>,
): Promise<Registration<Instance>> {
  await register();
  const stopped = Promise.withResolvers<void>();
  let ended = false;
  const beats = async () => {
    while (!ended) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const pause = new Promise<void>((resolve) => timer = setTimeout(resolve, heartbeatMs));
      await Promise.race([pause, stopped.promise]);
      clearTimeout(timer);
      // Told that it is unknown, a client registers again: so a DELETE does not last.
      if (!ended && !(await beat().catch(() => true))) await register().catch(() => {});
    }
  };
  const running = heartbeat ? beats() : undefined;
  return {
    instance,
    async stop() {
      ended = true;
      stopped.resolve();
      await running;
    },
  };
}
