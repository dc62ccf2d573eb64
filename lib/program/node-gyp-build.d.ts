declare module 'node-gyp-build' {
  /**
   * Loads the addon of the package in `folder`: a prebuilt one for this platform, or one that was built
   * there.
   */
  function load(folder: string): unknown;
  namespace load {
    /** The file that `load` would load. */
    function path(folder: string): string;
  }
  export = load;
}
