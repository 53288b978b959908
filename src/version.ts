/** The package's version, for the user agent. A test holds it equal to package.json. */
export const VERSION = "0.2.0";
