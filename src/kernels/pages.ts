/** What a WebAssembly memory grows by, bytes. */
export const PAGE = 65_536;

/** From so many bytes on an array has pages of its own. */
export const LARGE = 1 << 20;

/**
 * Zeros for a large array. Pages that the system gives for it alone go back whole when it is let go; the C library's allocator
 * would keep what is freed, in pieces. The buffer may be a little longer than was asked for, and what nobody writes to costs nothing.
 *
 * What serves takes a larger one in its place and does not let one grow: growth detaches the buffer, and from the first buffer on
 * that was detached V8 (as in Node 20) has every access to any typed array look whether it is still there.
 */
export const pages = (bytes: number): WebAssembly.Memory => new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });

/** A buffer for an array that keeps its length. */
export const bufferFor = (bytes: number): ArrayBuffer => (bytes < LARGE ? new ArrayBuffer(bytes) : pages(bytes).buffer);
