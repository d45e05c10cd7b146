/** TensorFlow's native library reads this when it is loaded: warnings about its own build are kept off the terminal, errors stay. */
export function quietNativeLibrary(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}
