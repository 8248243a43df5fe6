/** Where the real corpus lies, if anywhere; the one place of the benches that reads the environment. */
export const corpusRoot = process.env["TIP_CORPUS"] ?? "../shared/corpus";
