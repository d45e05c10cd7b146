/** As much of the package as is used here; it comes without types. */
declare module 'fs-native-extensions' {
  interface LockOptions {
    /** Others may hold it too, as long as nobody holds it alone. */
    readonly shared?: boolean;
  }
  /** False where another descriptor's lock is in the way. */
  export function tryLock(fd: number, options?: LockOptions): boolean;
  export function waitForLock(fd: number, options?: LockOptions): Promise<void>;
  export function unlock(fd: number): void;
}
