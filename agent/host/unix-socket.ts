/**
 * A stream to a program of this box that listens on a Unix socket.
 */
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** Opens it; errors end in `close`, which always comes. */
export const openUnixSocket = (path: string): Duplex => connect(path).on("error", () => undefined);
