/** Where the real corpus lies, if anywhere: for `test:real` and `bench` alone. The one place of the tests that reads the environment. */
export const corpusRoot = process.env["TIP_CORPUS"] ?? "../shared/corpus";
